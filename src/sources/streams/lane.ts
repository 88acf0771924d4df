/**
 * Records of a shard in order, made into batches that are handled one after the other. A shard has as many lanes as its
 * mapping's ParallelizationFactor; records of one key are always in the same one.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html#kinesis-polling-and-batching
 */
import { performance } from "node:perf_hooks";
import { createBell } from "./bell.ts";
import type { StreamRecord } from "./contract.ts";
import type { Tumbling } from "./tumbling.ts";

export interface LaneOptions {
  /** Records of a batch at most. */
  size: number;
  /** ms that a batch may wait for more records. */
  windowMs: number;
  signal: AbortSignal;
  /** Resolves when the batch is settled, or the signal is aborted. */
  handle: (batch: readonly StreamRecord[]) => Promise<void>;
  /** Records were taken. */
  onTaken: () => void;
  tumbling?: Tumbling | undefined;
  /** A tumbling window has ended. */
  onClosed: () => Promise<void>;
}

export interface Lane {
  push(records: readonly StreamRecord[]): void;
  /** No more records come; what is there is still handled. */
  end(): void;
  /** The shard had no more records at that time (ms since the epoch). */
  caughtUp(at: number): void;
  readonly waiting: { readonly records: number; readonly bytes: number };
  /** Resolves when it has ended and all is handled, or when the signal is aborted. */
  readonly done: Promise<void>;
}

/** Of a call's payload: 6 MB, with room for what surrounds the records. */
const MAX_BYTES = 6 * 1024 * 1024 - 16 * 1024;

interface Waiting {
  record: StreamRecord;
  bytes: number;
  /** Of `performance.now()`. */
  since: number;
}

export function createLane({ size, windowMs, signal, handle, onTaken, tumbling, onClosed }: LaneOptions): Lane {
  let queue: Waiting[] = [];
  let bytes = 0;
  let ended = false;
  let caughtUpAt = 0;
  const bell = createBell();
  const done = run();

  async function run(): Promise<void> {
    while (!signal.aborted) {
      const [first] = queue;
      if (tumbling !== undefined && (first === undefined ? isOver() : !tumbling.holds(first.record))) {
        await tumbling.close();
        if (!signal.aborted) await onClosed();
      } else if (first !== undefined) await handle(await gather(first));
      else if (ended) return;
      else await bell.wait(Number.POSITIVE_INFINITY, signal);
    }
  }

  /** Nothing more can come into the tumbling window. */
  function isOver(): boolean {
    const end = tumbling?.current?.end;
    return end !== undefined && (ended || caughtUpAt >= end);
  }

  async function gather(first: Waiting): Promise<StreamRecord[]> {
    const until = first.since + windowMs;
    let { count, full } = fitting();
    while (!full && !signal.aborted) {
      const left = until - performance.now();
      if (left <= 0) break;
      await bell.wait(left, signal);
      ({ count, full } = fitting());
    }
    const taken = queue.slice(0, count);
    queue = queue.slice(count);
    for (const each of taken) bytes -= each.bytes;
    onTaken();
    return taken.map(({ record }) => record);
  }

  /** How many of those that wait go into one batch, and whether it can get no larger. */
  function fitting(): { count: number; full: boolean } {
    let count = 0;
    let sum = 0;
    for (const { record, bytes: more } of queue) {
      const fits = count === 0 || (count < size && sum + more <= MAX_BYTES);
      if (!fits || tumbling?.isTogether(queue[0]?.record ?? record, record) === false) return { count, full: true };
      count += 1;
      sum += more;
    }
    return { count, full: ended || count >= size };
  }

  return {
    push(records) {
      for (const record of records) {
        // With the comma after it.
        const length = Buffer.byteLength(record.text) + 1;
        queue.push({ record, bytes: length, since: performance.now() });
        bytes += length;
      }
      bell.ring();
    },
    end() {
      ended = true;
      bell.ring();
    },
    caughtUp(at) {
      caughtUpAt = at;
      if (tumbling !== undefined) bell.ring();
    },
    get waiting() {
      return { records: queue.length, bytes };
    },
    done,
  };
}
