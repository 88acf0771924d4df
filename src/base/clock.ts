/** Wall-clock time in ms since the epoch. Injected where a test must move time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
