/** Reads one shard to its end, and has its records handled by lanes. */
import { createHash } from "node:crypto";
import { setMaxListeners } from "node:events";
import { createBell } from "./bell.ts";
import type { Checkpoint } from "./checkpoints.ts";
import type { Position, StreamReader, StreamRecord } from "./contract.ts";
import { createLane, type Lane } from "./lane.ts";
import { nameOf } from "../problems.ts";
import { createProgress } from "./progress.ts";
import type { Tumbling } from "./tumbling.ts";

export interface ShardOptions {
  id: string;
  checkpoint: Checkpoint;
  /** The position was decided just now: see `StreamReader.iterator`. */
  fresh: boolean;
  reader: StreamReader;
  /** ms between reads that find nothing. */
  pollMs: number;
  /** ms between reads that find something. */
  gapMs: number;
  maxRead: number;
  lanes: number;
  batchSize: number;
  windowMs: number;
  passes: (view: StreamRecord["view"]) => boolean;
  tumbling?: Tumbling | undefined;
  signal: AbortSignal;
  clock: () => number;
  /** Settles a batch; `handled` says of which records that is true already. */
  settle: (
    batch: readonly StreamRecord[],
    handled: (records: readonly StreamRecord[]) => Promise<void>,
    signal: AbortSignal,
  ) => Promise<void>;
  /** Writes until it is written, or the signal is aborted. */
  save: (checkpoint: Checkpoint) => Promise<void>;
  /** Reading has failed for the `times`-th time in a row: says so and waits. */
  failed: (error: unknown, times: number) => Promise<void>;
  read: (counts: { polled: number; filtered: number }) => void;
}

/** Read ahead of the lanes at most, beside one read: bytes. */
const AHEAD_BYTES = 12 * 1024 * 1024;
/** Iterators of this age (ms) have expired at the service. */
const ITERATOR_LIFE_MS = 5 * 60 * 1000;

/**
 * Resolves when the shard is closed and all of it is handled, or when the signal is aborted. Rejects where a batch could not
 * be settled one way or the other: then it is to be read again.
 */
export async function readShard(options: ShardOptions): Promise<void> {
  const { id, reader, checkpoint, tumbling } = options;
  const broken = new AbortController();
  const signal = AbortSignal.any([options.signal, broken.signal]);
  setMaxListeners(0, signal);
  const progress = createProgress();
  const room = createBell();
  let saved = Promise.resolve();
  let position: Position = checkpoint.position;
  /** Of what the iterator brings; ms since the epoch. */
  let wantedFrom = Number.NEGATIVE_INFINITY;

  const save = (): Promise<void> =>
    (saved = saved.then(() => {
      const { upTo } = progress;
      const at: Position = upTo === undefined ? checkpoint.position : { from: "after", sequenceNumber: upTo };
      const window = tumbling?.current;
      return options.save({ position: at, ...(window === undefined ? {} : { window }) });
    }));
  async function handled(records: readonly StreamRecord[]): Promise<void> {
    for (const { sequenceNumber } of records) progress.handled(sequenceNumber);
    await save();
  }
  const lanes: readonly Lane[] = Array.from({ length: options.lanes }, () =>
    createLane({
      size: options.batchSize,
      windowMs: options.windowMs,
      signal,
      handle: (batch) => options.settle(batch, handled, signal),
      onTaken: () => room.ring(),
      tumbling,
      onClosed: save,
    }),
  );

  // A lane that breaks ends the others: what it left open would be passed over otherwise.
  for (const { done } of lanes) done.catch(() => broken.abort());
  await readAll();
  for (const lane of lanes) lane.end();
  await Promise.all(lanes.map(({ done }) => done));
  await saved;
  if (signal.aborted) return;
  const end: Position = progress.upTo === undefined ? position : { from: "after", sequenceNumber: progress.upTo };
  await options.save({ position: end, done: true });

  async function readAll(): Promise<void> {
    let iterator: string | undefined;
    let since = 0;
    let { fresh } = options;
    let failures = 0;
    while (!signal.aborted) {
      try {
        if (iterator === undefined || options.clock() - since > ITERATOR_LIFE_MS) {
          iterator = await reader.iterator(id, position, fresh, signal);
          if (iterator === undefined) return;
          wantedFrom = fresh ? Number.NEGATIVE_INFINITY : oldestOf(position);
        }
        fresh = false;
        const { records, next } = await reader.read(id, iterator, options.maxRead, signal);
        failures = 0;
        await take(records);
        if (next === undefined) return;
        iterator = next;
        since = options.clock();
        await pause(records.length === 0 ? options.pollMs : options.gapMs);
        while (isFull() && !signal.aborted) await room.wait(Number.POSITIVE_INFINITY, signal);
      } catch (error) {
        if (signal.aborted) return;
        iterator = undefined;
        // What comes after the last known record is gone: on with the oldest that is there.
        if (nameOf(error) === "TrimmedDataAccessException") position = { from: "oldest" };
        // An iterator that has expired is no failure: the next one starts after the last record that was read.
        else if (nameOf(error) !== "ExpiredIteratorException") await options.failed(error, (failures += 1));
        else await options.failed(error, 0);
      }
    }
  }

  async function take(all: readonly StreamRecord[]): Promise<void> {
    const records = all.filter(({ arrivedAt }) => arrivedAt >= wantedFrom);
    const last = all.at(-1);
    if (last === undefined) {
      const now = options.clock();
      for (const lane of lanes) lane.caughtUp(now);
      options.read({ polled: 0, filtered: 0 });
      return;
    }
    for (const { sequenceNumber } of records) progress.add(sequenceNumber);
    const wanted = records.filter(({ view }) => options.passes(view));
    options.read({ polled: records.length, filtered: records.length - wanted.length });
    const skipped = new Set(records);
    for (const record of wanted) skipped.delete(record);
    for (const { sequenceNumber } of skipped) progress.handled(sequenceNumber);
    for (const [index, lane] of lanes.entries()) {
      const own = wanted.filter(({ key }) => laneOf(key, lanes.length) === index);
      if (own.length > 0) lane.push(own);
    }
    position = { from: "after", sequenceNumber: last.sequenceNumber };
    if (skipped.size > 0) await save();
  }

  function pause(ms: number): Promise<void> {
    return createBell().wait(ms, signal);
  }

  function isFull(): boolean {
    const waiting = lanes.map((lane) => lane.waiting);
    const sum = (of: "records" | "bytes"): number => waiting.reduce((total, each) => total + each[of], 0);
    return sum("records") >= 2 * options.batchSize * lanes.length || sum("bytes") >= AHEAD_BYTES;
  }
}

/** Not every service can start at a time, and some tell times in whole seconds. */
function oldestOf(position: Position): number {
  const at = position.from === "latest" || position.from === "time" ? position.at : Number.NEGATIVE_INFINITY;
  return Math.floor(at / 1000) * 1000;
}

function laneOf(key: string, lanes: number): number {
  return lanes === 1 ? 0 : createHash("md5").update(key).digest().readUInt32BE(0) % lanes;
}
