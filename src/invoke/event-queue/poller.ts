/**
 * Takes the events of one function out of its queue, as many at a time as its window and the fleet allow. A queue for each
 * function, so that one that fails, hangs or is throttled delays no other.
 */
import { performance } from "node:perf_hooks";
import type { ReceivedMessage, WorkQueue } from "../../store/contract.ts";
import { postponement } from "./verdict.ts";
import { createWindow } from "../../base/window.ts";

/** `settling`: the call is over, and its message is still being settled. Never rejects. */
export type Outcome =
  | { kind: "succeeded"; durationMs: number; settling: Promise<void> }
  | { kind: "throttled" }
  | { kind: "settled" };

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
  /** The message is in memory from now on, and stays hidden from others. */
  hold(message: ReceivedMessage): void;
  /** It is settled, or has gone back. */
  letGo(message: ReceivedMessage): void;
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
/** Of one queue in memory, whatever becomes of them. */
const MAX_HELD = 512;
/** Timers of Node count up to 2³¹ − 1 ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export function createPoller(options: PollerOptions): Poller {
  const { name, queue } = options;
  const window = createWindow();
  /** Received, and not called yet: short calls must not wait for the disk in between. */
  const line: ReceivedMessage[] = [];
  let running = 0;
  let settling = 0;
  let receiving = false;
  let wokenMeanwhile = false;
  let pausedUntil = 0;
  let pauses = 0;
  let timer: NodeJS.Timeout | undefined;
  let open = true;

  function wake(): void {
    if (!open) return;
    startCalls();
    if (receiving) wokenMeanwhile = true;
    else pump().catch(options.report);
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

  function startCalls(): void {
    while (line.length > 0 && running < window.size && Date.now() >= pausedUntil) {
      const message = line.shift();
      if (message !== undefined) void run(message);
    }
  }

  /** How many to receive now: what can be called at once, and some ahead where there is no reason to be careful. */
  function wanted(): number {
    const ahead = pauses > 0 ? 0 : Math.min(MAX_BATCH, window.ahead);
    const most = Math.min(MAX_BATCH, MAX_HELD - running - line.length - settling);
    const missing = window.size - running - line.length;
    if (missing > 0) return Math.min(most, missing + ahead);
    return missing + ahead > ahead / 2 ? Math.min(most, missing + ahead) : 0;
  }

  async function pump(): Promise<void> {
    const now = Date.now();
    if (now < pausedUntil) return wakeIn(pausedUntil - now);
    const count = wanted();
    if (count <= 0) return;
    const places = options.reserve(count);
    if (places <= 0) return options.hungry(poller);
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
    for (const message of messages) options.hold(message);
    line.push(...messages);
    if (!open) return giveBack();
    startCalls();
    if (messages.length === places || wokenMeanwhile) wake();
    else await waitForNext();
  }

  async function waitForNext(): Promise<void> {
    const next = await queue.nextAt(name);
    if (!open || receiving) return;
    if (next !== undefined) wakeIn(next - Date.now());
    else if (running + line.length + settling === 0) options.emptied(poller);
  }

  async function run(message: ReceivedMessage): Promise<void> {
    running += 1;
    const outcome = await options.run(message);
    running -= 1;
    if (outcome.kind === "succeeded") {
      pauses = 0;
      window.succeeded(outcome.durationMs, performance.now());
      // The next call begins meanwhile; what waits for the disk goes there together.
      settling += 1;
      startCalls();
      await outcome.settling;
      settling -= 1;
    } else if (outcome.kind === "throttled") {
      window.throttled(running);
      // Others of its own are running: the end of one of them is the time to try again.
      if (running === 0) pause();
    }
    options.letGo(message);
    options.release(1);
    wake();
  }

  /** What was not called is for whoever comes next, and at once. */
  function giveBack(): void {
    for (const message of line.splice(0)) {
      queue.giveBack(name, message.receipt).catch(options.report);
      options.letGo(message);
      options.release(1);
    }
  }

  const poller: Poller = {
    wake,
    stop() {
      open = false;
      clearTimeout(timer);
      giveBack();
    },
  };
  return poller;
}
