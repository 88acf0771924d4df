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
import { MANIFEST, microvmDirectory, type MicrovmFiles, microvmFiles } from "./files.ts";
import { guestModules } from "./modules.ts";
import { qemuTree } from "./qemu-tree.ts";
import { COMPILE, COMPILER_PACKAGES, guestSources, KERNEL_PACKAGE, microvmKey, QEMU_PACKAGE, SUITE } from "./recipe.ts";
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

async function initramfs({ tree, work }: Work, version: string, init: string): Promise<string> {
  const modules = await guestModules(join(tree, "usr/lib/modules", version));
  const entries: CpioEntry[] = [
    ...["dev", "proc", "cgroup", "root", "modules"].map(directory),
    { name: "dev/console", mode: 0o020600, device: [5, 1] },
    { name: "init", mode: 0o100755, data: await readFile(init) },
    ...modules.map(({ name, data }, index) => ({
      name: `modules/${String(index).padStart(2, "0")}-${name}.ko`,
      mode: 0o100644,
      data,
    })),
  ];
  const file = join(work, "initramfs");
  await writeFile(file, cpio(entries));
  return file;
}

async function build(work: Work): Promise<void> {
  const { tree, signal, dir } = work;
  work.onStep?.(`packages of Debian ${SUITE}`);
  await mkdir(tree);
  await unpackPackages(SUITE, [KERNEL_PACKAGE, QEMU_PACKAGE, ...COMPILER_PACKAGES], tree, work.work, signal);
  work.onStep?.("compiling the guest's first process");
  const programs = await compile(work);
  const [version = ""] = await readdir(join(tree, "usr/lib/modules"));
  const first = await initramfs(work, version, programs.init);
  const kernel = join(work.work, "vmlinux");
  await writeFile(kernel, vmlinuxOf(await readFile(join(tree, `boot/vmlinuz-${version}`))));
  work.onStep?.("writing QEMU's image");
  const root = join(work.work, "qemu");
  await qemuTree(tree, root, signal);
  const image = join(work.work, "qemu.erofs");
  await run("mkfs.erofs", [...EROFS_ARGS, image, root], { install: "apt-get install erofs-utils", signal });
  const said = await run("unshare", [...inTree(tree), "qemu-system-x86_64", "--version"], { install: "", signal });
  const manifest: MicrovmFiles & { key: string } = {
    key: microvmKey(),
    kernel: await publishAs(work, kernel, "vmlinux"),
    kernelVersion: version,
    initramfs: await publishAs(work, first, "initramfs", ".cpio"),
    measure: await publishAs(work, programs.measure, "measure"),
    syscalls: await publishAs(work, await syscalls(work), "syscalls", ".json"),
    qemu: {
      image: await publishAs(work, image, "qemu", ".erofs"),
      version: /version (\S+)/.exec(said)?.[1] ?? "unknown",
    },
  };
  const file = join(work.work, MANIFEST);
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
  await publish(file, join(dir, MANIFEST));
}

/** Removes what no manifest names. Whoever has a file open keeps it. */
async function removeOld(dir: string, files: MicrovmFiles): Promise<void> {
  const keep = new Set(
    [files.kernel, files.initramfs, files.measure, files.syscalls, files.qemu.image].map((path) => basename(path)),
  );
  for (const name of await readdir(dir)) {
    if (/^(?:vmlinux|initramfs|measure|syscalls|qemu)-[0-9a-f]{16}/.test(name) && !keep.has(name)) {
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
