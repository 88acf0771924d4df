import { performance } from "node:perf_hooks";

/**
 * How long something is waited for, again and again. One timer for all of it: a call is bounded by its timeout, and nearly
 * always ends long before, so that setting a timer up for each would cost more than it does.
 */
export interface Patience {
  /** Calls back in so many ms, unless `stop` or another `start` comes first. Nothing waits before. */
  start(ms: number, over: () => void): void;
  stop(): void;
}

/** ms that a timer can be set to: 2³¹ - 1. */
const LONGEST_MS = 0x7fff_ffff;

export function createPatience(): Patience {
  let timer: NodeJS.Timeout | undefined;
  /** Monotonic ms: when the timer looks. */
  let looksAt = 0;
  let dueAt = 0;
  let then: (() => void) | undefined;

  function look(): void {
    timer = undefined;
    const over = then;
    if (over === undefined) return;
    const leftMs = dueAt - performance.now();
    if (leftMs > 0) return arm(leftMs);
    then = undefined;
    over();
  }

  function arm(ms: number): void {
    const wholeMs = Math.min(Math.ceil(ms), LONGEST_MS);
    looksAt = performance.now() + wholeMs;
    timer = setTimeout(look, wholeMs);
  }

  return {
    start(ms, over) {
      const atLeastMs = Math.max(0, ms);
      dueAt = performance.now() + atLeastMs;
      then = over;
      if (timer !== undefined && looksAt <= dueAt) timer.ref();
      else {
        clearTimeout(timer);
        arm(atLeastMs);
      }
    },
    stop() {
      then = undefined;
      // It looks once more, and keeps no process running for that.
      timer?.unref();
    },
  };
}
