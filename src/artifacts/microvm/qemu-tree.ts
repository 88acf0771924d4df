/** The root file system that QEMU runs in: the program, the libraries it loads, its firmware, and nothing to run besides. */
import { chmod, copyFile, mkdir, readdir, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../runtimes/run.ts";

const PROGRAM = "/usr/bin/qemu-system-x86_64";
const LIBRARIES = "/usr/lib/x86_64-linux-gnu";
/** The emulated processor is a module of QEMU's. */
const MODULES = [`${LIBRARIES}/qemu/accel-tcg-x86_64.so`];
/** What the machine `microvm` starts with, and how it finds the kernel's entry. */
const FIRMWARE = ["bios-microvm.bin", "qboot.rom", "linuxboot_dma.bin", "pvh.bin"].map(
  (name) => `/usr/share/qemu/${name}`,
);
/** Mount points of a jail, and of a VMM's. */
const PLACES = ["dev", "proc", "tmp", "run/vmm", "vm", "var/task", "opt"];
const LOADER = "/lib64/ld-linux-x86-64.so.2";

/** Paths of what the dynamic loader would load, as the tree has them. */
async function libraries(tree: string, program: string, signal?: AbortSignal): Promise<string[]> {
  const output = await run("unshare", ["--net", `--root=${tree}`, LOADER, "--list", program], {
    install: "apt-get install util-linux",
    signal,
  });
  return output.split("\n").flatMap((line) => /(?:=>\s+|^\s*)(\/\S+) \(0x/.exec(line)?.[1] ?? []);
}

const MOST_LINKS = 40;

/** The host's path of one of the tree's: links lead where they would with the tree as the root. */
async function resolved(tree: string, path: string): Promise<string> {
  let [found, rest] = ["/", path.split("/")];
  for (let links = 0; rest.length > 0;) {
    const [part = "", ...more] = rest;
    const next = join(found, part);
    const target = part === "" ? undefined : await readlink(join(tree, next)).catch(() => undefined);
    if (target === undefined) {
      [found, rest] = [next, more];
      continue;
    }
    if (++links > MOST_LINKS) throw new Error(`${path} of Debian's packages leads nowhere`);
    [found, rest] = [target.startsWith("/") ? "/" : found, [...target.split("/"), ...more]];
  }
  return join(tree, found);
}

/** @param tree With Debian's package unpacked. @param root Is made. */
export async function qemuTree(tree: string, root: string, signal?: AbortSignal): Promise<void> {
  const programs = [PROGRAM, ...MODULES];
  const needed = await Promise.all(programs.map((program) => libraries(tree, program, signal)));
  const files = new Set([...programs, ...needed.flat(), LOADER]);
  for (const name of FIRMWARE) {
    if ((await readdir(join(tree, dirname(name)))).includes(name.slice(dirname(name).length + 1))) files.add(name);
  }
  for (const place of PLACES) await mkdir(join(root, place), { recursive: true });
  for (const path of files) {
    const target = join(root, path);
    await mkdir(dirname(target), { recursive: true });
    await copyFile(await resolved(tree, path), target);
    await chmod(target, 0o755);
  }
}
