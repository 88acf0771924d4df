/**
 * Read-only erofs images, each mounted once on the host however many jails use it, and unmounted with its last user.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { KilnError, messageOf, systemCode } from "../../base/errors.ts";
import { MS_NODEV, MS_NOSUID, MS_RDONLY, mount, unmount } from "./libc.ts";
import { attachLoop } from "./loop.ts";

export interface ImageUse {
  /** Where the image's tree lies on the host. */
  readonly dir: string;
  /** Idempotent. */
  release(): void;
}

export interface ImageMounts {
  use(image: string): ImageUse;
  /** Names of what is in one directory of the image, except directories; nothing where it has no such directory. */
  filesIn(image: string, dir: string): string[];
}

const FLAGS = MS_RDONLY | MS_NOSUID | MS_NODEV;

/** Kernels from 6.12 on mount the file itself; the others answer ENOTBLK, with a line in the kernel's log each time. */
let needsBlockDevice = false;

/** The source is shown in every jail's mount table. By descriptor, it does not tell the host's paths. */
function mountFile(fd: number, dir: string): void {
  try {
    mount(`/proc/self/fd/${fd}`, dir, "erofs", FLAGS);
  } catch (error) {
    if (systemCode(error) !== "ENOTBLK") throw error;
    needsBlockDevice = true;
  }
}

function mountLoop(fd: number, dir: string): void {
  const loop = attachLoop(fd, "ro");
  try {
    mount(loop.path, dir, "erofs", FLAGS);
  } finally {
    loop.close();
  }
}

function mountImage(image: string, dir: string): void {
  const fd = openSync(image, "r");
  try {
    if (!needsBlockDevice) mountFile(fd, dir);
    if (needsBlockDevice) mountLoop(fd, dir);
  } finally {
    closeSync(fd);
  }
}

/** An image may hold any symbolic link: none is followed. */
function filesOf(root: string, dir: string): string[] {
  let path = root;
  for (const part of dir.split("/")) {
    path = join(path, part);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
  }
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Mounts lie below `dir`, which must exist and be closed to other users of the host. */
export function createImageMounts(dir: string): ImageMounts {
  const mounted = new Map<string, { dir: string; users: number }>();
  let count = 0;

  function open(image: string): { dir: string; users: number } {
    const target = join(dir, String(count++));
    mkdirSync(target);
    try {
      mountImage(image, target);
    } catch (error) {
      rmdirSync(target);
      throw new KilnError("IMAGE_NOT_MOUNTED", `Cannot mount the image ${image}: ${messageOf(error)}`, {
        hint: "The kernel needs erofs, and loop devices if it is older than 6.12.",
        cause: error,
      });
    }
    const entry = { dir: target, users: 0 };
    mounted.set(image, entry);
    return entry;
  }

  function use(image: string): ImageUse {
    const entry = mounted.get(image) ?? open(image);
    entry.users++;
    let held = true;
    return {
      dir: entry.dir,
      release() {
        if (!held) return;
        held = false;
        if (--entry.users > 0) return;
        mounted.delete(image);
        unmount(entry.dir);
        rmdirSync(entry.dir);
      },
    };
  }

  return {
    use,
    filesIn(image, dir) {
      const held = use(image);
      try {
        return filesOf(held.dir, dir);
      } finally {
        held.release();
      }
    },
  };
}
