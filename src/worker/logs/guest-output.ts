import type { Readable } from "node:stream";
import { performance } from "node:perf_hooks";
import { createLineSplitter } from "./line-splitter.ts";

/** Bytes that an environment may log in one period before its pipes are not read for the rest of it. */
const PERIOD_BYTES = 4 * 1024 * 1024;
const PERIOD_MS = 100;
/** Turns of the event loop that `drain` waits at most. */
const DRAIN_TURNS = 64;

export interface GuestOutput {
  /** Where lines go; until it is set they are dropped. */
  onLine: ((line: string) => void) | undefined;
  /**
   * Calls back when everything that the guest had written before has been handed out. A runtime writes to its pipes
   * before it sends its answer, so the pipes are readable whenever the answer is, and one turn of the event loop reads
   * them; turns are added for as long as bytes arrive.
   */
  drain: (then: () => void) => void;
  /** The same for a guest that has exited: up to the end of both pipes, with what follows the last newline. */
  drainToEnd: (then: () => void) => void;
}

/** Reads stdout and stderr of a guest. A flood is slowed down to what the host can log: the guest blocks on its pipe. */
export function createGuestOutput(streams: readonly Readable[]): GuestOutput {
  let received = 0;
  let open = streams.length;
  let periodEnds = 0;
  let periodBytes = 0;
  const output: GuestOutput = { onLine: undefined, drain, drainToEnd };
  const splitters = streams.map((stream) => {
    const splitter = createLineSplitter((line) => output.onLine?.(line));
    let ended = false;
    stream.on("data", (chunk: Buffer) => {
      received += chunk.length;
      splitter.push(chunk);
      limit(chunk.length);
    });
    stream.on("close", () => {
      if (!ended) open -= 1;
      ended = true;
    });
    stream.on("end", () => {
      if (!ended) open -= 1;
      ended = true;
    });
    // A pipe whose jail is being destroyed can fail in the middle of a read; `close` follows.
    stream.on("error", () => undefined);
    return splitter;
  });

  function limit(bytes: number): void {
    const now = performance.now();
    if (now > periodEnds) {
      periodEnds = now + PERIOD_MS;
      periodBytes = 0;
    }
    periodBytes += bytes;
    if (periodBytes < PERIOD_BYTES) return;
    for (const stream of streams) stream.pause();
    setTimeout(() => {
      for (const stream of streams) stream.resume();
    }, periodEnds - now).unref();
  }

  function drain(then: () => void): void {
    turn(received, DRAIN_TURNS, () => false, then);
  }

  function turn(before: number, left: number, more: () => boolean, then: () => void): void {
    setImmediate(() => {
      if (left > 0 && (received !== before || more())) turn(received, left - 1, more, then);
      else then();
    });
  }

  function drainToEnd(then: () => void): void {
    turn(
      received,
      DRAIN_TURNS,
      () => open > 0,
      () => {
        for (const splitter of splitters) splitter.flush();
        then();
      },
    );
  }

  return output;
}
