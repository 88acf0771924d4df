/**
 * Where a jail's shared directories are mounted on the host; it appears at /mnt. Beside the jail's own directory and never
 * below it: that one is removed with all that is in it, and what is mounted here is somebody's data.
 */
import { closeSync, lstatSync, mkdirSync, openSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { FileSystemError, type SharedFiles } from "../contract.ts";
import { MS_NODEV, MS_NOSUID, MS_RDONLY, mount, unmountAside } from "../host/libc.ts";
import { NAME, unmountIfMounted } from "../host/mounts.ts";
import { type JailIds, mountSharedFiles } from "../host/shared-files.ts";
import type { Holdings } from "./holdings.ts";

/** Where access points are mounted inside: AWS's LocalMountPath is `/mnt/NAME`. */
export const SHARED_DIR = "/mnt";

/**
 * Mounts all of them. @param dir Must not exist yet, and its name be none of a jail's. Throws FileSystemError.
 */
export async function mountShared(
  dir: string,
  files: readonly SharedFiles[],
  ids: JailIds,
  holdings: Holdings,
): Promise<void> {
  mkdirSync(dir, { mode: 0o755 });
  holdings.add(() => rmdirSync(dir));
  for (const each of files) {
    const target = join(dir, basename(each.at));
    mkdirSync(target, { mode: 0o755 });
    holdings.add(async () => {
      // In another thread: an NFS server is told of it, and may be silent. Nothing is mounted where that has failed; if it is
      // all the same, the directory cannot be removed, and that is said.
      await unmountAside(target).catch(() => undefined);
      rmdirSync(target);
    });
    // oxlint-disable-next-line no-await-in-loop -- One per function, as on AWS; and the first that fails is the one to tell.
    await mountSharedFiles(each, target, ids);
  }
}

/** A directory that has nothing but the places to mount something at. */
export function makeSkeleton(dir: string): void {
  mkdirSync(join(dir, SHARED_DIR), { recursive: true, mode: 0o755 });
}

export interface Roots {
  /** The tree of the image. */
  image: string;
  /** Where it is shown, and where the outcome is. */
  target: string;
  skeleton: string;
}

/**
 * Gives a root file system /mnt where its image has none: the skeleton lies over it, read-only as well. Throws
 * FileSystemError in the name of `first`.
 */
export function provideSharedDir({ image, target, skeleton }: Roots, first: SharedFiles, holdings: Holdings): void {
  // A link in the image would lead somewhere on the host.
  if (lstatSync(join(image, SHARED_DIR), { throwIfNoEntry: false })?.isDirectory() === true) return;
  const layers = [skeleton, image].map((dir) => openSync(dir, "r"));
  holdings.add(() => void unmountIfMounted(target));
  try {
    // The paths are shown in the jail's mount table. By descriptor, they do not tell the host's.
    const lower = layers.map((fd) => `/proc/self/fd/${fd}`).join(":");
    mount(NAME, target, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV, `lowerdir=${lower}`);
  } catch (error) {
    const message = `The runtime's image has no ${SHARED_DIR}, and it cannot be added: ${messageOf(error)}.`;
    throw new FileSystemError("failure", first.name, message, { cause: error });
  } finally {
    for (const fd of layers) closeSync(fd);
  }
}
