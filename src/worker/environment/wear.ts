/**
 * How many calls an environment is good for. Runtimes set `_X_AMZN_TRACE_ID` anew for each call, AWS's and Kiln's alike, and
 * setenv(3) of glibc keeps each value for good: 160 to 200 bytes a call, measured in Node.js and Python. AWS's environments
 * have ten calls a second and live for hours; here a fast function has thousands, and would run out of its memory.
 */
const BYTES_PER_CALL = 200;
/** Of the function's memory, which may be gone in that way. */
const SHARE = 1 / 16;

/** Environments that share their calls would all be worn at the same time; this part of the number is left to chance. */
const SPREAD = 0.1;

export function callsUntilWorn(memoryMB: number): number {
  const most = (memoryMB * 1024 * 1024 * SHARE) / BYTES_PER_CALL;
  return Math.ceil(most * (1 - SPREAD * Math.random()));
}
