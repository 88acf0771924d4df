/** The end of a jail takes a bounded time. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** How long output that is already written may take to be read after the end. */
const DRAIN_MS = 1_000;

/** The promise's outcome, or what `late` answers or throws when it takes too long. */
export async function within<T>(ms: number, promise: Promise<T>, late: () => T): Promise<T> {
  const timer = new AbortController();
  const timeout = sleep(ms, undefined, { signal: timer.signal }).then(late);
  timeout.catch(() => undefined);
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer.abort();
  }
}

/** Lets a reader have what was written last; nobody reading, there is nothing to wait for. */
export function drained(stream: Readable): Promise<void> {
  if (stream.closed) return Promise.resolve();
  if (stream.readableFlowing === null) {
    stream.destroy();
    return Promise.resolve();
  }
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  return within(DRAIN_MS, closed, () => void stream.destroy());
}
