/**
 * Builds the files of microVMs from Debian's packages: the guest's kernel, its first file system with its first process,
 * and the root file system of QEMU. Idempotent; safe to kill at any moment. One unpacked tree has all the packages; no
 * script of them runs, and of the host nothing goes in.
 */
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { KilnError } from "../../base/errors.ts";
import { unpackPackages } from "../runtimes/debian-tree.ts";
import { fileDigest, publish } from "../runtimes/disk.ts";
import { lockDirectory } from "../runtimes/lock.ts";
import { EROFS_ARGS } from "../runtimes/recipe.ts";
import { run } from "../runtimes/run.ts";
import { cpio, type CpioEntry, directory } from "./cpio.ts";
import { MANIFEST, microvmDirectory, type MicrovmFiles, microvmFiles, pathsOf } from "./files.ts";
import { GUEST_MODULES, guestModules, SHARING_MODULES } from "./modules.ts";
import { qemuTree } from "./qemu-tree.ts";
import { ALL_PACKAGES, COMPILE, guestSources, microvmKey, SUITE } from "./recipe.ts";
import { serverTree } from "./server-tree.ts";
import { vmlinuxOf } from "./vmlinux.ts";

export interface MicrovmBuildOptions {
  runtimesDir: string;
  /** Also where they are up to date, from today's packages. */
  refresh?: boolean;
  onStep?(step: string): void;
  signal?: AbortSignal;
}

interface Work extends MicrovmBuildOptions {
  dir: string;
  work: string;
  tree: string;
}

/** Moves a finished file to a name with its content's digest in it. */
async function publishAs({ dir }: Work, file: string, name: string, extension = ""): Promise<string> {
  const digest = await fileDigest(file, "sha256", "hex");
  const published = `${name}-${digest.slice(0, 16)}${extension}`;
  await publish(file, join(dir, published));
  return published;
}

const inTree = (tree: string): string[] => ["--net", `--root=${tree}`];

/** `init` of the guest, and `measure` for the host. Compiled by Debian's compiler within the tree. */
async function compile({ tree, signal }: Work): Promise<{ init: string; measure: string }> {
  const sources = join(tree, "tmp/guest");
  await mkdir(sources, { recursive: true });
  for (const path of guestSources()) await copyFile(path, join(sources, basename(path)));
  const names = (await readdir(sources)).filter((name) => name.endsWith(".c")).sort();
  const own = names.filter((name) => name !== "measure.c").map((name) => `/tmp/guest/${name}`);
  const built: [string, string[]][] = [
    ["init", own],
    ["measure", ["/tmp/guest/measure.c"]],
  ];
  for (const [name, files] of built) {
    await run("unshare", [...inTree(tree), ...COMPILE, "-o", `/tmp/${name}`, ...files], {
      install: "apt-get install util-linux",
      signal,
    });
  }
  return { init: join(tree, "tmp/init"), measure: join(tree, "tmp/measure") };
}

/** Out of the C library's headers, which are of the same Debian as the kernel. */
async function syscalls({ tree, work }: Work): Promise<string> {
  const header = await readFile(join(tree, "usr/include/x86_64-linux-gnu/asm/unistd_64.h"), "utf8");
  const found = [...header.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name = "", number]) => [
    name,
    Number(number),
  ]);
  if (found.length < 300) throw new KilnError("BUILD_FAILED", "There are no numbers of system calls in the headers.");
  const file = join(work, "syscalls.json");
  await writeFile(file, JSON.stringify(Object.fromEntries(found)));
  return file;
}

interface Kernel {
  /** For instance `6.1.0-56-cloud-amd64`. */
  version: string;
  modules: readonly string[];
}

async function initramfs({ tree, work }: Work, { version, modules: names }: Kernel, init: string): Promise<string> {
  const modules = await guestModules(join(tree, "usr/lib/modules", version), names);
  const entries: CpioEntry[] = [
    ...["dev", "proc", "cgroup", "root", "modules", "skeleton", "skeleton/mnt"].map(directory),
    { name: "dev/console", mode: 0o020600, device: [5, 1] },
    { name: "init", mode: 0o100755, data: await readFile(init) },
    ...modules.map(({ name, data }, index) => ({
      name: `modules/${String(index).padStart(2, "0")}-${name}.ko`,
      mode: 0o100644,
      data,
    })),
  ];
  const file = join(work, `initramfs-${version}`);
  await writeFile(file, cpio(entries));
  return file;
}

/** Debian's usual kernel is packed with xz: Debian's program unpacks it, within the tree. */
async function unpackXz({ tree, signal }: Work, packed: Buffer): Promise<Buffer> {
  const file = join(tree, "tmp/packed");
  await writeFile(`${file}.xz`, packed);
  await run("unshare", [...inTree(tree), "xz", "--decompress", "--single-stream", "/tmp/packed.xz"], {
    install: "apt-get install util-linux",
    signal,
  });
  return readFile(file);
}

async function kernelFiles(work: Work, kernel: Kernel, init: string): Promise<{ kernel: string; initramfs: string }> {
  const first = await initramfs(work, kernel, init);
  const file = join(work.work, `vmlinux-${kernel.version}`);
  const packed = await readFile(join(work.tree, `boot/vmlinuz-${kernel.version}`));
  await writeFile(file, await vmlinuxOf(packed, (payload) => unpackXz(work, payload)));
  return {
    kernel: await publishAs(work, file, "vmlinux"),
    initramfs: await publishAs(work, first, "initramfs", ".cpio"),
  };
}

async function imageOf(work: Work, name: string, root: string): Promise<string> {
  const image = join(work.work, `${name}.erofs`);
  await run("mkfs.erofs", [...EROFS_ARGS, image, root], {
    install: "apt-get install erofs-utils",
    signal: work.signal,
  });
  return publishAs(work, image, name, ".erofs");
}

/** The two kernels of the tree: the one for the cloud, and Debian's usual one. */
async function kernelVersions({ tree }: Work): Promise<{ cloud: string; usual: string }> {
  const versions = await readdir(join(tree, "usr/lib/modules"));
  const cloud = versions.find((version) => version.includes("-cloud-"));
  const usual = versions.find((version) => version !== cloud);
  if (cloud === undefined || usual === undefined) {
    throw new KilnError(
      "BUILD_FAILED",
      `Debian's packages have the kernels ${versions.join(" and ")}: two were expected.`,
    );
  }
  return { cloud, usual };
}

async function build(work: Work): Promise<void> {
  const { tree, signal, dir } = work;
  work.onStep?.(`packages of Debian ${SUITE}`);
  await mkdir(tree);
  await unpackPackages(SUITE, ALL_PACKAGES, tree, work.work, signal);
  work.onStep?.("compiling the guest's first process");
  const programs = await compile(work);
  const versions = await kernelVersions(work);
  const guest = await kernelFiles(work, { version: versions.cloud, modules: GUEST_MODULES }, programs.init);
  const sharing = { version: versions.usual, modules: SHARING_MODULES };
  const sharingGuest = await kernelFiles(work, sharing, programs.init);
  work.onStep?.("writing the images of QEMU and of the file server");
  const root = join(work.work, "qemu");
  await qemuTree(tree, root, signal);
  const serverRoot = join(work.work, "server");
  await serverTree(tree, serverRoot, signal);
  const said = await run("unshare", [...inTree(tree), "qemu-system-x86_64", "--version"], { install: "", signal });
  const manifest: MicrovmFiles & { key: string } = {
    key: microvmKey(),
    ...guest,
    kernelVersion: versions.cloud,
    measure: await publishAs(work, programs.measure, "measure"),
    syscalls: await publishAs(work, await syscalls(work), "syscalls", ".json"),
    qemu: {
      image: await imageOf(work, "qemu", root),
      version: /version (\S+)/.exec(said)?.[1] ?? "unknown",
    },
    sharing: { ...sharingGuest, server: await imageOf(work, "fileserver", serverRoot) },
  };
  const file = join(work.work, MANIFEST);
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await publish(file, join(dir, MANIFEST));
}

/** Removes what no manifest names. Whoever has a file open keeps it. */
async function removeOld(dir: string, files: MicrovmFiles): Promise<void> {
  const keep = new Set(pathsOf(files).map((path) => basename(path)));
  for (const name of await readdir(dir)) {
    if (/^(?:vmlinux|initramfs|measure|syscalls|qemu|fileserver)-[0-9a-f]{16}/.test(name) && !keep.has(name)) {
      await rm(join(dir, name), { force: true });
    }
  }
}

/** Throws KilnError: ARCH_UNSUPPORTED, NOT_ROOT, HOST_PROGRAM_MISSING, HOST_PROGRAM_FAILED, … */
export async function buildMicrovm(options: MicrovmBuildOptions): Promise<MicrovmFiles> {
  const { runtimesDir, refresh = false } = options;
  const found = refresh ? undefined : microvmFiles(runtimesDir);
  if (found !== undefined) return found;
  if (process.arch !== "x64") {
    throw new KilnError("ARCH_UNSUPPORTED", `microVMs are built for x86-64; this machine is ${process.arch}.`);
  }
  if (process.getuid?.() !== 0) {
    throw new KilnError("NOT_ROOT", "The files of microVMs are built as root.", { hint: "Run it with sudo." });
  }
  const dir = microvmDirectory(runtimesDir);
  await mkdir(dir, { recursive: true, mode: 0o755 });
  const unlock = await lockDirectory(dir, () => options.onStep?.("waiting for another build"), options.signal);
  try {
    const meanwhile = refresh ? undefined : microvmFiles(runtimesDir);
    if (meanwhile !== undefined) return meanwhile;
    for (const name of await readdir(dir)) {
      if (name.startsWith("work-")) await rm(join(dir, name), { recursive: true, force: true });
    }
    const work = await mkdtemp(join(dir, "work-"));
    await chmod(work, 0o755);
    try {
      await build({ ...options, dir, work, tree: join(work, "tree") });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    const files = microvmFiles(runtimesDir);
    if (files === undefined) throw new KilnError("BUILD_FAILED", `The files of microVMs are not in ${dir}.`);
    await removeOld(dir, files);
    return files;
  } finally {
    unlock();
  }
}
