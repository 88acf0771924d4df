/** The root file system that QEMU runs in: the program, its firmware, and nothing to run besides. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { programTree } from "./program-tree.ts";

const PROGRAM = "/usr/bin/qemu-system-x86_64";
/** The emulated processor is a module of QEMU's. */
const MODULES = ["/usr/lib/x86_64-linux-gnu/qemu/accel-tcg-x86_64.so"];
/** What the machine `microvm` starts with, and how it finds the kernel's entry. */
const FIRMWARE = ["bios-microvm.bin", "qboot.rom", "linuxboot_dma.bin", "pvh.bin"].map(
  (name) => `/usr/share/qemu/${name}`,
);
/** Mount points of a jail, and of a VMM's. */
const PLACES = ["dev", "proc", "tmp", "run/vmm", "vm", "var/task", "opt"];

/** @param tree With Debian's package unpacked. @param root Is made. */
export async function qemuTree(tree: string, root: string, signal?: AbortSignal): Promise<void> {
  const files: string[] = [];
  for (const path of FIRMWARE) {
    if ((await readdir(join(tree, dirname(path)))).includes(basename(path))) files.push(path);
  }
  await programTree({ tree, root, programs: [PROGRAM, ...MODULES], files, places: PLACES }, signal);
}
