/** Which modules of a kernel a microVM loads, in an order in which each finds what it needs. */
import { readFile, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { KilnError } from "../../base/errors.ts";

/** What a guest has: block, network, entropy and balloon devices, and the file system of images. */
export const GUEST_MODULES: readonly string[] = [
  "virtio_mmio",
  "virtio_blk",
  "virtio_net",
  "virtio_rng",
  "virtio_balloon",
  "erofs",
];

/**
 * Of a guest that has shared directories: the client of their server, and a place for them in images that have none
 * (guest/share.c). Its kernel has as modules what the other has built in: the file system of /tmp, and a checksum that others ask for without
 * saying that they need it, which so has to be there first.
 */
export const SHARING_MODULES: readonly string[] = [
  "crc32c_generic",
  ...GUEST_MODULES,
  "ext4",
  "9p",
  "9pnet_fd",
  "overlay",
];

export interface KernelModule {
  name: string;
  data: Buffer;
}

/** The kernel takes both for the same. */
const plain = (name: string): string => name.replaceAll("-", "_");

/** What a module says it needs (`depends=` in its section .modinfo). */
function needs(data: Buffer): string[] {
  const start = data.indexOf("\0depends=");
  if (start < 0) return [];
  const text = data.toString("latin1", start + "\0depends=".length, data.indexOf(0, start + 1));
  return text.split(",").filter((name) => name !== "");
}

/** Throws KilnError where a module is missing or packed. What is built into the kernel is nobody's module. */
export async function guestModules(directory: string, names = GUEST_MODULES): Promise<KernelModule[]> {
  const paths = new Map<string, string>();
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.name.endsWith(".ko")) paths.set(plain(basename(entry.name, ".ko")), join(entry.parentPath, entry.name));
  }
  const found = new Map<string, KernelModule>();

  async function add(name: string): Promise<void> {
    const key = plain(name);
    if (found.has(key)) return;
    const path = paths.get(key);
    if (path === undefined) throw new KilnError("KERNEL_WITHOUT_MODULE", `The guest's kernel has no module ${name}.`);
    const data = await readFile(path);
    for (const needed of needs(data)) await add(needed);
    found.set(key, { name: key, data });
  }

  for (const name of names) await add(name);
  return [...found.values()];
}
