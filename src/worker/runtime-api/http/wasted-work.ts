/**
 * A bucket for requests that cost the host and bring the function nothing: refused ones and repeated ones. A runtime
 * that behaves never empties it; code that floods its own socket is read as fast as the bucket fills again.
 */
export interface WastedWork {
  /** Counts one such request; answers for how many ms the connection should not be read, 0 for not at all. */
  count(): number;
}

/** @param now Monotonic ms. */
export function createWastedWork(burst: number, perSecond: number, now: () => number): WastedWork {
  let tokens = burst;
  let filledAt = now();
  return {
    count() {
      const at = now();
      tokens = Math.min(burst, tokens + ((at - filledAt) * perSecond) / 1000);
      filledAt = at;
      tokens -= 1;
      return tokens >= 0 ? 0 : Math.ceil((-tokens * 1000) / perSecond);
    },
  };
}
