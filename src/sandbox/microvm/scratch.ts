/**
 * A machine's /tmp: a disk whose file is in the host's memory and nowhere else, in a tmpfs of the jail's own that is as
 * large as the disk. So nothing of it lies on a disk of the host, in the clear or otherwise, and its pages are counted as
 * the jail's, whose limit has room for them beside the guest's memory. The guest mounts it.
 */
import { chownSync } from "node:fs";
import { join } from "node:path";
import { createMemoryDisks, diskMB } from "../host/memory-disk.ts";
import { mountTmpfs } from "../host/mounts.ts";
import type { FunctionUser } from "../jail/config.ts";
import type { Tmp } from "../jail/tmp.ts";

const MIB = 1024 * 1024;
const DISK = "disk";

export function scratchFile(dir: string): string {
  return join(dir, DISK);
}

/** MiB of the jail's memory that a full disk takes. */
export function scratchMemoryMB(tmpMB: number): number {
  return diskMB(tmpMB) + 1;
}

export function scratchTmp(user: FunctionUser): Tmp {
  const disks = createMemoryDisks();
  return {
    kind: "disk",
    async mount(dir, tmpMB, idBase) {
      await disks.write(scratchFile(dir), tmpMB, (bytes) =>
        mountTmpfs(dir, { bytes: bytes + MIB, inodes: 8 }, "noexec"),
      );
      // The VMM may pass through to the file, and make no other.
      chownSync(dir, 0, idBase + user.gid);
      chownSync(scratchFile(dir), idBase + user.uid, idBase + user.gid);
    },
  };
}
