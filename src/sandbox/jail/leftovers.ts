/**
 * Removes what a killed Kiln of the same instance left: jails, mounts, files, ids. Everything is found by the instance's own
 * names (its cgroup, its run directory, its id ranges), so that nothing of anybody else is touched.
 */
import { removeInstanceGroup } from "../host/cgroups/instance.ts";
import type { CgroupLayout } from "../host/cgroups/layout.ts";
import { mountPointsBelow, unmountIfMounted } from "../host/mounts.ts";
import { removeIfEmpty } from "../host/remove-if-empty.ts";
import type { UidRanges } from "../host/uid-ranges.ts";

export interface LeftoverOptions {
  runDir: string;
  /** For instance `/kiln/main`. */
  instanceGroup: string;
  layout: CgroupLayout;
  ranges: UidRanges;
}

export interface Leftovers {
  jails: number;
  mounts: number;
}

/** Kills first: a living process would hold mounts and ids. Safe to run again after being killed itself. */
export async function cleanLeftovers(options: LeftoverOptions): Promise<Leftovers> {
  const { runDir, instanceGroup, layout, ranges } = options;
  const jails = await removeInstanceGroup(layout, instanceGroup);
  const points = mountPointsBelow(runDir);
  for (const point of points) unmountIfMounted(point);
  // Its files went with its tmpfs. What else a directory may hold is not Kiln's to remove.
  removeIfEmpty(runDir);
  ranges.releaseAll();
  return { jails, mounts: points.length };
}
