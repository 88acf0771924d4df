/** How large the machines are whose snapshots functions share: a guest's memory cannot grow after its start. */
import type { JailLimits } from "../../contract.ts";

/** AWS's smallest, twice as much each time, and the most that comes with one processor. Larger functions boot. */
const SIZES_MB = [128, 256, 512, 1024, 1769];
/** Nothing is written there. */
const TMP_MB = 1;

export function runtimeLimits(limits: JailLimits): JailLimits | undefined {
  const memoryMB = SIZES_MB.find((size) => size >= limits.memoryMB);
  if (memoryMB === undefined || limits.vcpus > 1) return undefined;
  return { memoryMB, vcpus: 1, pids: limits.pids, tmpMB: TMP_MB };
}
