import type { StreamPlan } from "./plan.ts";

/**
 * Between a body's reader and the plan that it is handed on to: gathers what one read of the socket brings, because a
 * peer may send chunks of one byte, and stops at the limit.
 */
export interface StreamIntake {
  /** Keeps bytes that are valid until `handOn`. */
  add(bytes: Buffer): void;
  /** `tooMuch`: bytes beyond the limit, which nobody gets. */
  handOn(): { takesMore: boolean; tooMuch: number };
}

export function createStreamIntake(plan: StreamPlan): StreamIntake {
  let pieces: Buffer[] = [];
  let held = 0;
  let left = plan.limitBytes;
  return {
    add(bytes) {
      pieces.push(bytes);
      held += bytes.length;
    },
    handOn() {
      const taken = Math.min(held, left);
      const tooMuch = held - taken;
      const takesMore = taken === 0 || plan.data(Buffer.concat(pieces, taken));
      left -= taken;
      held = 0;
      pieces = [];
      return { takesMore, tooMuch };
    },
  };
}
