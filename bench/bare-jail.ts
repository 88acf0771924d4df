/** The bare baseline of cold starts: `runc run` of a program that does nothing in the runtime's own image, with runc's default configuration. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createRuntimes } from "../src/artifacts/runtimes/runtimes.ts";
import { loadConfig } from "../src/config/index.ts";

const run = promisify(execFile);
let count = 0;

interface Spec {
  process: { terminal: boolean; args: string[] };
  root: { path: string };
  linux: Record<string, unknown>;
}

export interface Bundle {
  /** ms from the start to the end of one. Any number may run at the same time. */
  start(): Promise<number>;
  remove(): Promise<void>;
}

/** An OCI bundle on the runtime's image with runc's own default configuration. */
export async function runcBundle(
  runtime: string,
  program: readonly string[] = ["/var/lang/bin/node", "-e", "0"],
): Promise<Bundle> {
  const image = createRuntimes({ dir: loadConfig().runtimesDir }).image(runtime);
  if (image === undefined) throw new Error(`the image of ${runtime} is not built; run npm run setup`);
  const folder = await mkdtemp(join(tmpdir(), "kiln-bench-runc-"));
  await mkdir(join(folder, "rootfs"));
  await run("mount", ["-t", "erofs", "-o", "loop,ro", image.image, join(folder, "rootfs")]);
  await run("runc", ["spec", "--bundle", folder]);
  const spec = JSON.parse(await readFile(join(folder, "config.json"), "utf8")) as Spec;
  spec.process.terminal = false;
  spec.process.args = [...program];
  spec.root.path = join(folder, "rootfs");
  const group = `kiln-bench-${process.pid}`;
  return {
    start: async () => {
      const id = `${group}-${++count}`;
      const bundle = join(folder, id);
      await mkdir(bundle);
      // Below one group, as Kiln's jails are: on a busy machine they have the weight of one together.
      const config = { ...spec, linux: { ...spec.linux, cgroupsPath: `/${group}/${id}` } };
      await writeFile(join(bundle, "config.json"), JSON.stringify(config));
      const startedAt = performance.now();
      await run("runc", ["run", "--bundle", bundle, id]);
      return performance.now() - startedAt;
    },
    remove: async () => {
      await run("umount", [join(folder, "rootfs")]);
      await rm(folder, { recursive: true });
      for (const tree of await readdir("/sys/fs/cgroup", { withFileTypes: true })) {
        if (tree.isDirectory()) await rmdir(join("/sys/fs/cgroup", tree.name, group)).catch(() => undefined);
      }
      // The only tree of hosts with v2.
      await rmdir(join("/sys/fs/cgroup", group)).catch(() => undefined);
    },
  };
}
