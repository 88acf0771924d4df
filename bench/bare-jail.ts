/** The bare baseline of cold starts: `runc run` of `node -e 0` in the runtime's own image, with runc's default configuration. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createRuntimes } from "../src/artifacts/runtimes/runtimes.ts";
import { loadConfig } from "../src/config/index.ts";

const run = promisify(execFile);
let count = 0;

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
  const file = join(folder, "config.json");
  const spec = JSON.parse(await readFile(file, "utf8")) as { process: { terminal: boolean; args: string[] } };
  spec.process.terminal = false;
  spec.process.args = [...program];
  await writeFile(file, JSON.stringify(spec));
  return {
    start: async () => {
      const startedAt = performance.now();
      await run("runc", ["run", "--bundle", folder, `kiln-bench-${process.pid}-${++count}`]);
      return performance.now() - startedAt;
    },
    remove: async () => {
      await run("umount", [join(folder, "rootfs")]);
      await rm(folder, { recursive: true });
    },
  };
}
