import { performance } from "node:perf_hooks";
import type { Jail } from "../../sandbox/contract.ts";

const MB = 1024 * 1024;
/** A call shorter than this cannot have changed much, */
const SHORT_CALL_MS = 5;
/** and a figure younger than this is shown again: reading cgroup files costs more than a short call. */
const FRESH_MS = 100;

/** The largest memory use of an environment so far, in MB, as its REPORT lines show it. */
export interface MemoryGauge {
  read(callMs: number): number;
}

export function createMemoryGauge(jail: Jail, memoryMB: number): MemoryGauge {
  let maxMB = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    read(callMs) {
      const now = performance.now();
      if (callMs >= SHORT_CALL_MS || now - readAt >= FRESH_MS) {
        readAt = now;
        maxMB = Math.min(memoryMB, Math.max(maxMB, Math.ceil(peakBytes(jail) / MB)));
      }
      return maxMB;
    },
  };
}

/** A jail that has exited may have no figures any more; then the last one stands. */
function peakBytes(jail: Jail): number {
  try {
    return jail.peakBytes?.() ?? jail.memory().peakBytes;
  } catch {
    return 0;
  }
}
