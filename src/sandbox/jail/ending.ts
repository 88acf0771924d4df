/** The end of a jail takes a bounded time. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError } from "../../base/errors.ts";

/** Far longer than the kernel takes to end processes; a process that hangs in the kernel is an operator's matter. */
const END_WITHIN_MS = 10_000;

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

export interface Ending<T> {
  id: string;
  /** Process 1, which has been told to end. */
  pid: number;
  exited: Promise<T>;
  /** Called when it is late: nothing of it may hold up this process's own end. */
  hangUp: () => void;
  /** Gives back what it holds. */
  release: () => Promise<void>;
  /** What nobody waits for any more has failed. */
  report: (error: unknown) => void;
  /** ms; tests move it. */
  withinMs?: number | undefined;
}

/** Waits for the end, and then gives back what was held. Throws KilnError when it is late: then that is done afterwards. */
export async function endAndRelease<T>(ending: Ending<T>): Promise<T> {
  const { id, pid, exited, release } = ending;
  const exit = await within(ending.withinMs ?? END_WITHIN_MS, exited, () => {
    ending.hangUp();
    exited.then(release).catch((cause: unknown) => {
      const hint = "The next start of Kiln gives back what is left.";
      ending.report(new KilnError("JAIL_NOT_RELEASED", `Not all of jail ${id} is given back.`, { hint, cause }));
    });
    throw new KilnError("JAIL_DOES_NOT_END", `Process ${pid} of jail ${id} does not end.`);
  });
  await release();
  return exit;
}
