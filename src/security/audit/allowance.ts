/**
 * How many records callers who have not proven who they are may cause: anybody can send such requests, and must not be able
 * to fill the disk, or to push out what others have done, with them. What is not recorded is counted.
 */
import type { Clock } from "../../base/clock.ts";

export interface Allowance {
  /** False: not this one. */
  take(): boolean;
  /** How many were refused since this was asked last. */
  refused(): number;
}

/** `perSecond` on average, `burst` at once. */
export function createAllowance(perSecond: number, burst: number, clock: Clock): Allowance {
  let left = burst;
  let at = clock();
  let refused = 0;
  return {
    take() {
      const now = clock();
      left = Math.min(burst, left + (Math.max(0, now - at) / 1000) * perSecond);
      at = now;
      if (left >= 1) {
        left -= 1;
        return true;
      }
      refused += 1;
      return false;
    },
    refused() {
      const count = refused;
      refused = 0;
      return count;
    },
  };
}
