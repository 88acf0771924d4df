/** The group that all jails of one Kiln lie in: `/kiln/<instance>`. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { KilnError, messageOf, systemCode } from "../../../base/errors.ts";
import { type DiskLimits, limitDisks } from "./disk.ts";
import { removeIfEmpty } from "../remove-if-empty.ts";
import { childGroups, removeGroup } from "./group.ts";
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

/** Makes a group below a parent that a Kiln which stops at this moment may remove, because it is still empty. */
function makeGroup(dir: string): void {
  for (let tries = 1; ; tries++) {
    try {
      mkdirSync(dir, { recursive: true });
      return;
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || tries === 100) throw error;
    }
  }
}

/** Removes the group with the jails in it, whose number it answers, and after the last Kiln the parent of all. */
export async function removeInstanceGroup(layout: CgroupLayout, path: string): Promise<number> {
  const jails = childGroups(layout, path);
  await Promise.all(jails.map((name) => removeGroup(layout, join(path, name))));
  await removeGroup(layout, path);
  for (const tree of layout.trees) removeIfEmpty(join(tree, dirname(path)));
  return jails.length;
}

/** `disks`: what its jails may take of the host's disks; see `disk.ts` for where that is set. */
export function openInstanceGroup(layout: CgroupLayout, path: string, disks?: DiskLimits): InstanceGroup {
  for (const tree of layout.trees) makeGroup(join(tree, path));
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
  };
}
