/**
 * Group commit: while the disk syncs one group of writes, the next one gathers. One write alone waits for one sync;
 * a thousand at once share a few. Every promise resolves after the commit that holds its write.
 */
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { KilnError } from "../../base/errors.ts";
import { StoreConflict } from "../contract.ts";
import type { Answer, Operation, Outcome } from "./operation.ts";

/** Bounds a transaction, so that the first of a long line is not answered with its last. */
const MAX_GROUP = 512;

type Success = Exclude<Outcome, { conflict: unknown }>;
type Key = Success extends infer S ? (S extends unknown ? keyof S : never) : never;

interface Waiting {
  operation: Operation;
  /** Runs after the commit and before the promise resolves, in commit order. */
  committed: ((outcome: Success) => void) | undefined;
  resolve(outcome: Success): void;
  reject(reason: unknown): void;
}

export interface SubmitOptions {
  /** Runs after the commit and before the promise resolves, in commit order. */
  committed?: (outcome: Success) => void;
  /** ms that the operation may wait for others, to be committed with them; default 0. */
  within?: number | undefined;
}

export interface Writer {
  /** Rejects with StoreConflict, or with KilnError `STORE_…` or `DISK_…`. */
  submit(operation: Operation, options?: SubmitOptions): Promise<Success>;
  /** Writes that were submitted before are still done. */
  close(): Promise<void>;
}

/** Starts the thread, opens the database in it, and migrates it. */
export async function startWriter(path: string): Promise<Writer> {
  // What the process was started with is not for this thread, but for the cache of compiled code: without it the thread would
  // load Node.js's type stripper.
  const cache = getCompileCacheDir();
  // In there, each version of Node.js has a directory of its own, which is the one that is told.
  const env = cache === undefined ? {} : { NODE_COMPILE_CACHE: dirname(cache) };
  const inherited = { env, argv: [], execArgv: [] };
  const thread = new Worker(new URL("./writer-thread.ts", import.meta.url), { workerData: path, ...inherited });
  const exited = new Promise<void>((resolve) => thread.once("exit", () => resolve()));
  const opened = await Promise.race([
    once(thread, "message").then(([answer]) => answer as Answer),
    exited.then((): Answer => ({ failure: { code: "STORE_FAILED", message: "The store's writer did not start." } })),
  ]);
  if ("failure" in opened) {
    await thread.terminate();
    throw failureOf(opened);
  }

  const waiting: Waiting[] = [];
  /** How many of those at the end of `waiting` are in no hurry: whatever comes after them takes them along. */
  let patient = 0;
  let patience: NodeJS.Timeout | undefined;
  let group: Waiting[] = [];
  let scheduled = false;
  let closing = false;
  let stopped: KilnError | undefined;

  function tell(message: Operation[] | "close"): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    thread.postMessage(message);
  }

  function send(): void {
    scheduled = false;
    if (group.length > 0 || waiting.length === patient || stopped !== undefined) return;
    group = waiting.splice(0, MAX_GROUP);
    patient = Math.min(patient, waiting.length);
    thread.ref();
    tell(group.map((each) => each.operation));
  }

  function wait(ms: number): void {
    patient += 1;
    // The first one's time counts for all that join it.
    patience ??= setTimeout(hurry, ms);
  }

  function hurry(): void {
    clearTimeout(patience);
    patience = undefined;
    patient = 0;
    if (scheduled) return;
    // At the end of the tick, so that the writes of one tick go together.
    scheduled = true;
    setImmediate(send);
  }

  function settle(answer: Answer): void {
    const done = group;
    group = [];
    thread.unref();
    for (const [index, each] of done.entries()) {
      const outcome = "outcomes" in answer ? answer.outcomes[index] : undefined;
      if (outcome === undefined) each.reject(failureOf(answer));
      else if ("conflict" in outcome) each.reject(new StoreConflict(outcome.conflict.kind, outcome.conflict.key));
      else {
        each.committed?.(outcome);
        each.resolve(outcome);
      }
    }
    send();
    closeWhenDone();
  }

  function closeWhenDone(): void {
    if (!closing || group.length > 0 || waiting.length > 0) return;
    thread.ref();
    tell("close");
  }

  /** Nothing is written any more: what is unanswered may or may not be on disk. */
  function stop(error: KilnError): void {
    stopped ??= error;
    for (const each of [...group.splice(0), ...waiting.splice(0)]) each.reject(stopped);
  }

  thread.on("message", settle);
  thread.on("error", (cause) => stop(new KilnError("STORE_FAILED", "The store's writer failed.", { cause })));
  thread.on("exit", () => stop(closed()));
  // An idle thread does not keep the process alive; one that writes does. Last, because a listener takes hold again.
  thread.unref();

  return {
    submit(operation, { committed, within = 0 } = {}) {
      if (stopped !== undefined) return Promise.reject(stopped);
      if (closing) return Promise.reject(closed());
      return new Promise((resolve, reject) => {
        waiting.push({ operation, committed, resolve, reject });
        if (within > 0) wait(within);
        else hurry();
      });
    },
    async close() {
      closing = true;
      clearTimeout(patience);
      patient = 0;
      send();
      closeWhenDone();
      await exited;
    },
  };
}

/** The member of an outcome that its operation is known to have. */
export function expectMember<K extends Key>(outcome: Success, member: K): Extract<Success, Record<K, unknown>>[K] {
  if (member in outcome) return (outcome as Extract<Success, Record<K, unknown>>)[member];
  throw new KilnError("STORE_FAILED", `The store's writer answered without ${member}.`);
}

function closed(): KilnError {
  return new KilnError("STORE_CLOSED", "The store is closed.");
}

function failureOf(answer: Answer): KilnError {
  if (!("failure" in answer)) return new KilnError("STORE_FAILED", "The store's writer gave no answer.");
  const { code, message, hint } = answer.failure;
  return new KilnError(code, message, hint === undefined ? {} : { hint });
}
