/** A reproducible random number generator for tests (mulberry32): the seed is printed, so that a failure can be run again. */
export interface Chance {
  readonly seed: number;
  /** 0 ≤ x < 1 */
  next: () => number;
  /** 0 ≤ x < below, whole. */
  below: (below: number) => number;
}

export function createChance(seed = Math.floor(Math.random() * 2 ** 32)): Chance {
  let state = seed;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  return { seed, next, below: (below) => Math.floor(next() * below) };
}
