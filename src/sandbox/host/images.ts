/**
 * Read-only erofs images, each mounted once on the host however many jails use it. It stays mounted for a while after its
 * last user: with a mount goes all that the kernel has read through it, and the next start would read a runtime's many
 * megabytes again.
 */
import { closeSync, lstatSync, mkdirSync, openSync, readdirSync, rmdirSync, statSync } from "node:fs";
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
  /** Unmounts what nobody uses now. */
  close(): void;
}

interface Mounted {
  dir: string;
  users: number;
  /** Which file it is: another one may have its name by the time of the next use. */
  file: string;
}

/** ms that an image stays mounted after its last user, */
const LINGER_MS = 60_000;
/** and how many do so at the same time: the one that was used longest ago goes first. */
const MOST_LINGERING = 64;

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

function fileOf(image: string): string {
  const found = statSync(image, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.dev} ${found.ino} ${found.ctimeNs}`;
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
  const mounted = new Map<string, Mounted>();
  /** Those without a user, the one that was used longest ago first. */
  const lingering = new Map<string, NodeJS.Timeout>();
  let count = 0;

  function linger(image: string): void {
    lingering.set(image, setTimeout(() => letGo(image), LINGER_MS).unref());
    const oldest = lingering.keys().next().value;
    if (lingering.size > MOST_LINGERING && oldest !== undefined) letGo(oldest);
  }

  function stay(image: string): void {
    clearTimeout(lingering.get(image));
    lingering.delete(image);
  }

  function letGo(image: string): void {
    stay(image);
    const entry = mounted.get(image);
    if (entry === undefined) return;
    mounted.delete(image);
    unmount(entry.dir);
    rmdirSync(entry.dir);
  }

  function open(image: string): Mounted {
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
    const entry = { dir: target, users: 0, file: fileOf(image) };
    mounted.set(image, entry);
    return entry;
  }

  function use(image: string): ImageUse {
    const left = mounted.get(image);
    if (left?.users === 0) {
      if (left.file === fileOf(image)) stay(image);
      else letGo(image);
    }
    const entry = mounted.get(image) ?? open(image);
    entry.users++;
    let held = true;
    return {
      dir: entry.dir,
      release() {
        if (!held) return;
        held = false;
        if (--entry.users === 0) linger(image);
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
    close() {
      for (const image of lingering.keys()) letGo(image);
    },
  };
}
