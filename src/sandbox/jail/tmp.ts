/**
 * A jail's /tmp. As on AWS it is a disk: what lies there is not counted as the function's memory, and a function of
 * 128 MB may fill 512 MB of it. Yet nothing of it may be readable once the jail is gone, so the disk is a file in the
 * host's memory that never has a name: an ext4 file system on a loop device. Its pages are the host's, not the jail's
 * (see `InstanceGroup.keepDiskApart` for cgroup v2), bounded by its size, and only what is written takes memory.
 *
 * A host without loop devices or mkfs.ext4 gets a tmpfs instead: as private, but counted as the function's memory.
 */
import { chmodSync, chownSync, mkdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { createMemoryDisks } from "../host/memory-disk.ts";
import { mountTmpfs, unmountIfMounted } from "../host/mounts.ts";
import type { FunctionUser } from "./config.ts";

const MIB = 1024 * 1024;
/** As many as ext4 has: one file per 16 KiB. Files cost kernel memory even when they are empty. */
const INODES_PER_MB = 64;
const LEAST_INODES = 1024;

export interface Tmp {
  readonly kind: "disk" | "tmpfs";
  /** Over what is mounted there already, if anything. `idBase` is the first host id of the jail's range. */
  mount(dir: string, tmpMB: number, idBase: number): Promise<void>;
}

/** Only the function's user may enter, as on AWS. */
function giveTo(dir: string, user: FunctionUser, idBase: number): void {
  chownSync(dir, idBase + user.uid, idBase + user.gid);
  chmodSync(dir, 0o700);
}

export function diskTmp(user: FunctionUser): Tmp {
  const disks = createMemoryDisks();
  return {
    kind: "disk",
    async mount(dir, tmpMB, idBase) {
      await disks.mount(dir, tmpMB);
      giveTo(dir, user, idBase);
    },
  };
}

export function tmpfsTmp(user: FunctionUser): Tmp {
  return {
    kind: "tmpfs",
    // oxlint-disable-next-line typescript/require-await -- The other kind needs the time.
    async mount(dir, tmpMB, idBase) {
      mountTmpfs(dir, { bytes: tmpMB * MIB, inodes: Math.max(LEAST_INODES, tmpMB * INODES_PER_MB) });
      giveTo(dir, user, idBase);
    },
  };
}

/**
 * The disk if this host can make one, which is found out by making one.
 *
 * @param dir Where it can be tried; nothing is left there.
 */
export async function chooseTmp(dir: string, user: FunctionUser): Promise<Tmp> {
  const disk = diskTmp(user);
  const trial = join(dir, "tmp-trial");
  mkdirSync(trial);
  try {
    await disk.mount(trial, 1, 0);
    return disk;
  } catch {
    return tmpfsTmp(user);
  } finally {
    unmountIfMounted(trial);
    rmdirSync(trial);
  }
}
