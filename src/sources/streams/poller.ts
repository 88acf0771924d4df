/**
 * Polls a stream for one mapping: all of its shards at once, those that came of others after them.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
import { setMaxListeners } from "node:events";
import type { SourceMapping, SourcePoller, StartPoller } from "../contract.ts";
import { createBell } from "./bell.ts";
import { createCheckpoints, type Checkpoint } from "./checkpoints.ts";
import type { Position, Shard, StreamReader } from "./contract.ts";
import { createMapped, type StreamSourceOptions } from "./mapped.ts";
import { readMappedShard } from "./mapped-shard.ts";

export type { StreamSourceOptions } from "./mapped.ts";

/** ms after which shards are listed again, and sooner while there are none. */
const LIST_MS = 15_000;
const LIST_NONE_MS = 1000;

export function streamSource(options: StreamSourceOptions): StartPoller {
  return (mapping) => startPoller(options, mapping);
}

function startPoller(options: StreamSourceOptions, mapping: SourceMapping): SourcePoller {
  const { service, report } = options;
  const { settings } = mapping;
  const stopped = new AbortController();
  const { signal } = stopped;
  // Every shard and lane waits for it.
  setMaxListeners(0, signal);
  const mapped = createMapped(options, mapping, signal);
  const checkpoints = createCheckpoints(options.documents, mapping);
  const running = new Map<string, Promise<void>>();
  const bell = createBell();
  const done = poll();

  async function poll(): Promise<void> {
    /** Read once: from then on nobody else changes them. */
    let saved: Map<string, Checkpoint> | undefined;
    for (let failures = 0; !signal.aborted;) {
      try {
        const reader = service.open(mapped.arn, await options.roleOf(mapping));
        saved ??= await checkpoints.all();
        const shards = await reader.shards(signal);
        await startShards(reader, shards, saved);
        failures = 0;
        await bell.wait(shards.length === 0 ? LIST_NONE_MS : LIST_MS, signal);
      } catch (error) {
        if (!signal.aborted) await mapped.failed(error, (failures += 1));
      }
    }
    await Promise.all(running.values());
  }

  /** Starts those whose parents are handled. A parent that is not listed any more has nothing left to handle. */
  async function startShards(
    reader: StreamReader,
    shards: readonly Shard[],
    saved: Map<string, Checkpoint>,
  ): Promise<void> {
    const fresh = saved.size === 0;
    if (fresh && shards.length > 0) {
      const first = new Map(shards.map(({ id, closed }) => [id, firstCheckpoint(closed)] as const));
      await checkpoints.begin(first);
      for (const [id, checkpoint] of first) saved.set(id, checkpoint);
    }
    const listed = new Set(shards.map(({ id }) => id));
    for (const [id, { done: isDone }] of saved) {
      // One stays: it tells that the mapping has been polled before.
      if (listed.has(id) || isDone !== true || saved.size === 1) continue;
      await checkpoints.remove(id);
      saved.delete(id);
    }
    for (const { id, parents } of shards) {
      if (running.has(id) || saved.get(id)?.done === true) continue;
      if (parents.some((parent) => listed.has(parent) && saved.get(parent)?.done !== true)) continue;
      running.set(id, readToEnd(reader, id, saved, fresh));
    }
  }

  async function readToEnd(
    reader: StreamReader,
    id: string,
    saved: Map<string, Checkpoint>,
    fresh: boolean,
  ): Promise<void> {
    const about = { mapped, settings, service, reader, checkpoints, report, id };
    for (let failures = 0, first = fresh; !signal.aborted; first = false) {
      try {
        const checkpoint = saved.get(id) ?? { position: laterStart(settings) };
        const keep = (state: Checkpoint): void => void saved.set(id, state);
        await readMappedShard({ ...about, keep, checkpoint, fresh: first });
        break;
      } catch (error) {
        await mapped.failed(error, (failures += 1));
      }
    }
    running.delete(id);
    bell.ring();
  }

  function firstCheckpoint(closed: boolean): Checkpoint {
    const position = startOf(settings, mapped.clock());
    return closed && position.from === "latest" ? { position, done: true } : { position };
  }

  return {
    async stop() {
      stopped.abort();
      await done;
    },
  };
}

/** Of shards that are there when the mapping is polled for the first time. */
function startOf(
  { StartingPosition: from, StartingPositionTimestamp: at }: SourceMapping["settings"],
  now: number,
): Position {
  if (from === "AT_TIMESTAMP") return { from: "time", at: at ?? now };
  return from === "LATEST" ? { from: "latest", at: now } : { from: "oldest" };
}

/** Of those that come later: all that is in them is new, but for records before a time that is still to come. */
function laterStart({ StartingPosition: from, StartingPositionTimestamp: at }: SourceMapping["settings"]): Position {
  return from === "AT_TIMESTAMP" && at !== undefined ? { from: "time", at } : { from: "oldest" };
}
