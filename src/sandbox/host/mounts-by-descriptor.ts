/**
 * Mounts that are made without naming a path twice: what was looked at is what is mounted, whoever renames things
 * meanwhile. System calls that C libraries have known for different lengths of time, by their numbers, which are the same
 * on every architecture from 424 on.
 */
import { closeSync } from "node:fs";
import { rawCall } from "./libc.ts";

const OPEN_TREE = 428;
const MOVE_MOUNT = 429;
const OPENAT2 = 437;
const MOUNT_SETATTR = 442;

const AT_FDCWD = -100;
const AT_EMPTY_PATH = 0x1000;
const O_CLOEXEC = 0o2000000;
const O_DIRECTORY = 0o200000;
export const O_PATH = 0o10000000;
const RESOLVE_NO_MAGICLINKS = 0x02;
const RESOLVE_NO_SYMLINKS = 0x04;
const RESOLVE_BENEATH = 0x08;
const OPEN_TREE_CLONE = 1;
const MOVE_MOUNT_F_EMPTY_PATH = 4;
const MOUNT_ATTR_RDONLY = 0x1;
const MOUNT_ATTR_NOSUID = 0x2;
const MOUNT_ATTR_NODEV = 0x4;
const MOUNT_ATTR_IDMAP = 0x100000;
const MS_PRIVATE = 1 << 18;

/** `struct open_how` and `struct mount_attr`: numbers of 64 bits one after the other. */
function words(...values: readonly number[]): Uint8Array {
  return new Uint8Array(new BigUint64Array(values.map(BigInt)).buffer);
}

/**
 * openat2(2) of a directory, without following a link anywhere on the way. @param below A directory's descriptor, out of
 * which no `..` leads; absent: the path is absolute.
 */
export function openDirectory(path: string, { below, flags }: { below?: number; flags: number }): number {
  const beneath = below === undefined ? 0 : RESOLVE_BENEATH;
  const how = words(flags | O_DIRECTORY | O_CLOEXEC, 0, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | beneath);
  return rawCall("openat2", OPENAT2, path, below ?? AT_FDCWD, path, how, how.length);
}

export interface DetachedOptions {
  readOnly: boolean;
  /** Descriptor of a user namespace: what is id A in it on the disk is on this mount the host's id that A stands for. */
  ids?: number | undefined;
}

/**
 * A mount of a directory, without those below it, that is nowhere yet; it goes with its descriptor. No set-uid programs, no
 * devices. Throws EINVAL where the file system cannot map ids.
 */
export function detachedMount(directory: number, { readOnly, ids }: DetachedOptions): number {
  const flags = OPEN_TREE_CLONE | O_CLOEXEC | AT_EMPTY_PATH;
  const tree = rawCall("open_tree", OPEN_TREE, String(directory), directory, "", flags);
  try {
    const set =
      MOUNT_ATTR_NOSUID |
      MOUNT_ATTR_NODEV |
      (readOnly ? MOUNT_ATTR_RDONLY : 0) |
      (ids === undefined ? 0 : MOUNT_ATTR_IDMAP);
    const attributes = words(set, 0, MS_PRIVATE, ids ?? 0);
    rawCall("mount_setattr", MOUNT_SETATTR, String(tree), tree, "", AT_EMPTY_PATH, attributes, attributes.length);
    return tree;
  } catch (error) {
    closeSync(tree);
    throw error;
  }
}

/** Puts a detached mount on a directory. */
export function attachMount(tree: number, target: string): void {
  rawCall("move_mount", MOVE_MOUNT, target, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
}
