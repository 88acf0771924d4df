/** For tests that look at jails from inside: a real runtime image, images of files, and a sandbox of the test's own. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { microvmFiles } from "../../src/artifacts/microvm/files.ts";
import { loadConfig } from "../../src/config/index.ts";
import { type SandboxFixture, startScript } from "../../src/sandbox/conformance/subject.ts";
import type { JailSpec, Sandbox } from "../../src/sandbox/contract.ts";
import type { DiskLimits } from "../../src/sandbox/host/cgroups/disk.ts";
import type { NetworkOptions } from "../../src/sandbox/host/network/host-network.ts";
import { createGvisorSandbox } from "../../src/sandbox/gvisor/gvisor-sandbox.ts";
import { createContainerSandbox } from "../../src/sandbox/jail/container-sandbox.ts";
import type { GroundOptions } from "../../src/sandbox/jail/ground.ts";
import { vmmDrivers } from "../../src/sandbox/microvm/drivers.ts";
import { createMicrovmSandbox } from "../../src/sandbox/microvm/microvm-sandbox.ts";
import type { Level } from "./levels.ts";

const runFile = promisify(execFile);
const root = resolve(import.meta.dirname, "../..");

export interface Bench extends SandboxFixture {
  instance: string;
  runDir: string;
  /** An image of a folder on the host. */
  imageOf(folder: string): Promise<string>;
  open(instance?: string, network?: NetworkOptions, disks?: DiskLimits): Promise<Sandbox>;
  /** Removes the images. */
  close(): void;
}

/** `test-` and 8 letters: names nobody else uses. */
export function newInstance(): string {
  return `test-${randomBytes(4).toString("hex")}`;
}

export function runDirOf(instance: string): string {
  return `/run/kiln-${instance}`;
}

export function openSandbox(
  level: Level,
  instance: string,
  network?: NetworkOptions,
  disks?: DiskLimits,
): Promise<Sandbox> {
  const options = { runDir: runDirOf(instance), instance, disks, ...(network === undefined ? {} : { network }) };
  if (level === "gvisor") return createGvisorSandbox(options);
  if (level === "microvm") return openMicrovm(options);
  return createContainerSandbox({ ...options, ociRuntimes: ["crun", "runc"] });
}

/** Without KVM, wherever it is: the same everywhere, and no machine is asked for what it may not have. */
export function openMicrovm(options: GroundOptions, ociRuntimes = ["crun", "runc"]): Promise<Sandbox> {
  const files = microvmFiles(loadConfig({}, process.env).runtimesDir);
  if (files === undefined) throw new Error("the guest of microVMs is not set up");
  const driver = vmmDrivers({ ...files, firecracker: undefined }).find(({ emulated }) => emulated);
  if (driver === undefined) throw new Error("there is no emulation");
  return createMicrovmSandbox({ ...options, driver, guest: files, ociRuntimes });
}

/** Any image with Node.js will do, also one whose bootstrap is not the newest. */
function runtimeImage(): string {
  const dir = loadConfig({}, process.env).runtimesDir;
  const manifest = JSON.parse(readFileSync(join(dir, "nodejs24.x.json"), "utf8")) as { image: string };
  return join(dir, manifest.image);
}

export function openBench(level: Level = "container"): Bench {
  const rootImage = runtimeImage();
  // Whoever builds images keeps the old ones that somebody has open.
  const held = openSync(rootImage, "r");
  const work = mkdtempSync(join(tmpdir(), "kiln-images-"));
  const instance = newInstance();
  let count = 0;

  async function imageOf(folder: string): Promise<string> {
    const image = join(work, `${++count}.erofs`);
    await runFile("mkfs.erofs", ["--quiet", "--all-root", image, folder]);
    return image;
  }

  return {
    instance,
    runDir: runDirOf(instance),
    rootImage,
    node: "/var/lang/bin/node",
    imageOf,
    image(files) {
      const folder = join(work, `${++count}`);
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
      }
      return imageOf(folder);
    },
    open: (name = instance, network, disks) => openSandbox(level, name, network, disks),
    close() {
      closeSync(held);
      rmSync(work, { recursive: true, force: true });
    },
  };
}

/** A folder with the hostile probes and koffi, which lets them make any system call. To be removed by the caller. */
export function probeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "kiln-probe-"));
  // The jail's user is none of the host's.
  chmodSync(folder, 0o755);
  cpSync(join(import.meta.dirname, "inside"), folder, { recursive: true });
  for (const name of ["koffi", "@koromix"]) {
    cpSync(join(root, "node_modules", name), join(folder, "node_modules", name), { recursive: true });
  }
  return folder;
}

export interface Stage {
  bench: Bench;
  sandbox: Sandbox;
  /** Image with the probes. */
  probes: string;
  /** Runs one of the probes to its end; its standard output. */
  probe(name: string, more?: Partial<JailSpec>): Promise<string>;
  close(): Promise<void>;
}

/** A sandbox in which the probes of the folder `inside` can run. */
export async function openStage(network?: NetworkOptions, level?: Level, disks?: DiskLimits): Promise<Stage> {
  const bench = openBench(level);
  const folder = probeFolder();
  const probes = await bench.imageOf(folder);
  rmSync(folder, { recursive: true, force: true });
  const sandbox = await bench.open(bench.instance, network, disks);
  return {
    bench,
    sandbox,
    probes,
    async probe(name, more = {}) {
      const argv = [bench.node, `/var/task/${name}`];
      const { jail, stdout, stderr } = await startScript(sandbox, bench, "", { argv, tree: { code: probes }, ...more });
      const exit = await jail.exited;
      await jail.destroy();
      if (exit.status !== 0) throw new Error(`${name} ended with ${JSON.stringify(exit)}: ${await stderr}`);
      return stdout;
    },
    async close() {
      await sandbox.close();
      bench.close();
    },
  };
}
