/** The group that all jails of one Kiln lie in: `/kiln/<instance>`. */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KilnError, messageOf, systemCode } from "../../../base/errors.ts";
import { type DiskLimits, limitDisks } from "./disk.ts";
import { removeGroup } from "./group.ts";
import { CONTROLLERS, type CgroupLayout } from "./layout.ts";

export interface InstanceGroup {
  readonly path: string;
  /** Whether the kernel limits swap for groups below. */
  readonly swap: boolean;
  /**
   * v2 only, to be called when a jail's group has been made. A loop device's file is charged to the memory of the group
   * that its I/O is counted for. OCI runtimes hand every controller down; without `io` in the jails' groups, the I/O and
   * with it the memory of their disks is counted for the instance.
   */
  keepDiskApart(): void;
  /** To be called when a jail's group has been made. */
  limitDisks(group: string): void;
  close(): Promise<void>;
}

function takeIoAway(dir: string): void {
  const file = join(dir, "cgroup.subtree_control");
  if (readFileSync(file, "utf8").trim().split(" ").includes("io")) writeFileSync(file, "-io");
}

/** v2: a group's children have only the controllers that it hands down. */
function handDown(dir: string, controllers: readonly string[] = CONTROLLERS): void {
  const wanted = controllers.map((controller) => `+${controller}`).join(" ");
  try {
    writeFileSync(join(dir, "cgroup.subtree_control"), wanted);
  } catch (error) {
    throw new KilnError("CGROUPS_CLOSED", `Cannot hand controllers down from ${dir}: ${messageOf(error)}`, {
      hint: "In a container, the group that Kiln runs in must be writable and hold no process itself.",
      cause: error,
    });
  }
}

function removeParent(layout: CgroupLayout, path: string): void {
  for (const tree of layout.trees) {
    try {
      rmdirSync(join(tree, dirname(path)));
    } catch (error) {
      // Another Kiln uses it, or has just removed it.
      if (!["ENOENT", "EBUSY", "ENOTEMPTY"].includes(systemCode(error) ?? "")) throw error;
    }
  }
}

/** `disks`: what its jails may take of the host's disks; see `disk.ts` for where that is set. */
export function openInstanceGroup(layout: CgroupLayout, path: string, disks?: DiskLimits): InstanceGroup {
  for (const tree of layout.trees) mkdirSync(join(tree, path), { recursive: true });
  if (layout.version === 2) {
    const tree = layout.tree.memory;
    for (const dir of [tree, join(tree, dirname(path)), join(tree, path)]) handDown(dir);
    if (disks !== undefined && layout.disk !== undefined) {
      for (const dir of [tree, join(tree, dirname(path))]) handDown(dir, ["io"]);
    }
    if (disks !== undefined) limitDisks(layout, path, disks);
  }
  const swapFile = layout.version === 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
  return {
    path,
    limitDisks(group) {
      if (disks !== undefined && layout.version === 1) limitDisks(layout, group, disks);
    },
    swap: existsSync(join(layout.tree.memory, path, swapFile)),
    keepDiskApart() {
      if (layout.version === 2) takeIoAway(join(layout.tree.memory, path));
    },
    async close() {
      await removeGroup(layout, path);
      removeParent(layout, path);
    },
  };
}
