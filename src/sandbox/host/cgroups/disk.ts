/**
 * What jails may take of the host's disks. A jail's own files lie in memory; it reads disks where an image is on one, and
 * writes to them in directories that functions share.
 *
 * v1 limits each jail; what is written is limited only where it is written through, because the kernel writes pages of files
 * out later and in nobody's name. v2 knows in whose name, but would then also count the memory of a jail's /tmp, which is a
 * disk too, as the jail's (see `InstanceGroup.keepDiskApart`): there the limits are for all jails of a Kiln together.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KilnError } from "../../../base/errors.ts";
import type { CgroupLayout } from "./layout.ts";

/** A second's, on each disk and in each direction; 0 is no limit. */
export interface DiskLimits {
  readonly bytes: number;
  readonly operations: number;
}

/** In memory, or not a function's to use. */
const NO_DISK = /^(loop|ram|zram|sr|fd|nbd)\d/;

/** `MAJOR:MINOR` of all disks; their partitions are limited with them. `root` is for tests. */
export function hostDisks(root = "/sys/block"): string[] {
  return readdirSync(root)
    .filter((name) => !NO_DISK.test(name))
    .map((name) => readFileSync(join(root, name, "dev"), "utf8").trim());
}

function limit1(dir: string, { bytes, operations }: DiskLimits, disks: readonly string[]): void {
  const files = { bps: bytes, iops: operations };
  for (const [unit, value] of Object.entries(files)) {
    if (value === 0) continue;
    for (const direction of ["read", "write"]) {
      const file = join(dir, `blkio.throttle.${direction}_${unit}_device`);
      // One disk at a time is what the kernel takes.
      for (const disk of disks) writeFileSync(file, `${disk} ${value}`);
    }
  }
}

function limit2(dir: string, { bytes, operations }: DiskLimits, disks: readonly string[]): void {
  const text = [
    ...(bytes === 0 ? [] : [`rbps=${bytes} wbps=${bytes}`]),
    ...(operations === 0 ? [] : [`riops=${operations} wiops=${operations}`]),
  ].join(" ");
  for (const disk of disks) writeFileSync(join(dir, "io.max"), `${disk} ${text}`);
}

/** Limits a group that is there. */
export function limitDisks(layout: CgroupLayout, group: string, limits: DiskLimits, disks = hostDisks()): void {
  if (layout.disk === undefined) {
    throw new KilnError("NO_DISK_LIMITS", "This host has no cgroup controller for disks (v1: blkio, v2: io).", {
      hint: "Unset KILN_DISK_BYTES and KILN_DISK_OPERATIONS, or turn the controller on.",
    });
  }
  (layout.version === 1 ? limit1 : limit2)(join(layout.disk, group), limits, disks);
}
