/**
 * How many calls a poller makes at a time. It starts with what the processors can feed, grows steadily while
 * the calls are long and succeed, and shrinks to what runs when there is no concurrency for more.
 */
import { availableParallelism } from "node:os";

/** Calls this short (ms) gain nothing from more environments than the processors can feed. */
const SHORT_MS = 100;
const FLOOR = Math.max(4, 2 * availableParallelism());
/** AWS's default concurrency of an account. */
const CEILING = 1000;
/** A second. */
const GROWTH = 10;
const MOMENT_MS = 20;
/** Weight of the latest call in the average. */
const FRESH = 0.2;

export interface Window {
  readonly size: number;
  /** Calls that so many at a time are likely to make in a moment: 0 before the first success, and while calls are long. */
  readonly ahead: number;
  /** A call succeeded, in so many ms of the function's own time, at `nowMs`. */
  succeeded(durationMs: number, nowMs: number): void;
  /** A call was refused for want of concurrency while so many others of the window were running. */
  throttled(others: number): void;
}

export interface WindowOptions {
  /** Calls at a time to begin with, and never fewer unless there is no concurrency for them. */
  floor?: number;
  ceiling?: number;
  /** Calls at a time that are added in a second. */
  growth?: number;
}

export function createWindow(options: WindowOptions = {}): Window {
  const { ceiling = CEILING, growth = GROWTH } = options;
  const floor = Math.min(options.floor ?? FLOOR, ceiling);
  let size = floor;
  let averageMs = 0;
  let grownAt = Number.NEGATIVE_INFINITY;
  return {
    get size() {
      return Math.floor(size);
    },
    get ahead() {
      if (grownAt === Number.NEGATIVE_INFINITY) return 0;
      return Math.floor((size * MOMENT_MS) / Math.max(1, averageMs));
    },
    succeeded(durationMs, nowMs) {
      averageMs += (durationMs - averageMs) * FRESH;
      const seconds = Math.min(1, (nowMs - grownAt) / 1000);
      grownAt = nowMs;
      const most = averageMs < SHORT_MS ? Math.max(floor, size) : ceiling;
      size = Math.min(most, size + growth * seconds);
    },
    throttled(others) {
      size = Math.max(1, Math.min(size, others));
    },
  };
}
