/**
 * Takes the events of one function out of its queue, as many at a time as its window and the fleet allow. A queue for each
 * function, so that one that fails, hangs or is throttled delays no other.
 */
import { performance } from "node:perf_hooks";
import type { ReceivedMessage, WorkQueue } from "../../store/contract.ts";
import { postponement } from "./verdict.ts";
import { createWindow } from "../../base/window.ts";

export type Outcome = { kind: "succeeded"; durationMs: number } | { kind: "throttled" } | { kind: "settled" };

export interface PollerOptions {
  /** Of the queue. */
  name: string;
  queue: WorkQueue;
  /** ms that a received event is hidden from others; whoever holds it extends that. */
  visibility: number;
  /** Takes up to so many places in memory; gives the number. */
  reserve(wanted: number): number;
  release(places: number): void;
  /** There is no place now: the fleet wakes the poller when there is. */
  hungry(poller: Poller): void;
  /** Runs an event and settles its message. Never rejects. */
  run(message: ReceivedMessage): Promise<Outcome>;
  /** The queue is empty, and nothing of it runs. */
  emptied(poller: Poller): void;
  report: (error: unknown) => void;
}

export interface Poller {
  /** There may be something to receive now. */
  wake(): void;
  /** Takes no more. */
  stop(): void;
}

const MAX_BATCH = 64;
/** Timers of Node count up to 2³¹ − 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function createPoller(options: PollerOptions): Poller {
  const { name, queue } = options;
  const window = createWindow();
  let inFlight = 0;
  let receiving = false;
  let wokenMeanwhile = false;
  let pausedUntil = 0;
  let pauses = 0;
  let timer: NodeJS.Timeout | undefined;
  let open = true;

  function wake(): void {
    if (receiving) wokenMeanwhile = true;
    else if (open) pump().catch(options.report);
  }

  function wakeIn(ms: number): void {
    clearTimeout(timer);
    if (open) timer = setTimeout(wake, Math.min(MAX_TIMER_MS, Math.max(1, ms))).unref();
  }

  function pause(): void {
    const delay = postponement(pauses);
    pauses += 1;
    pausedUntil = Date.now() + delay;
    wakeIn(delay);
  }

  async function pump(): Promise<void> {
    const now = Date.now();
    if (now < pausedUntil) return wakeIn(pausedUntil - now);
    const wanted = Math.min(window.size - inFlight, MAX_BATCH);
    if (wanted <= 0) return;
    const places = options.reserve(wanted);
    if (places === 0) return options.hungry(poller);
    receiving = true;
    wokenMeanwhile = false;
    let messages: ReceivedMessage[] = [];
    try {
      messages = await queue.receive(name, { max: places, visibility: options.visibility });
    } catch (error) {
      options.report(error);
      pause();
    } finally {
      options.release(places - messages.length);
      receiving = false;
    }
    for (const message of messages) void run(message);
    if (!open) return;
    if (messages.length === places || wokenMeanwhile) wake();
    else await waitForNext();
  }

  async function waitForNext(): Promise<void> {
    const next = await queue.nextAt(name);
    if (!open || receiving) return;
    if (next !== undefined) wakeIn(next - Date.now());
    else if (inFlight === 0) options.emptied(poller);
  }

  async function run(message: ReceivedMessage): Promise<void> {
    inFlight += 1;
    const outcome = await options.run(message);
    inFlight -= 1;
    options.release(1);
    if (outcome.kind === "succeeded") {
      pauses = 0;
      window.succeeded(outcome.durationMs, performance.now());
    } else if (outcome.kind === "throttled") {
      window.throttled(inFlight);
      // Others of its own are running: the end of one of them is the time to try again.
      if (inFlight === 0) pause();
    }
    wake();
  }

  const poller: Poller = {
    wake,
    stop() {
      open = false;
      clearTimeout(timer);
    },
  };
  return poller;
}
