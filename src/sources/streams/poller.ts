/**
 * Polls a stream for one mapping: all of its shards at once, those that came of others after them.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html, https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
 */
import { channel } from "node:diagnostics_channel";
import { functionArn } from "../../base/arn.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { KilnError, messageOf, ServiceError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Deliver, Invoker } from "../../invoke/contract.ts";
import type { Documents } from "../../store/contract.ts";
import {
  SOURCE_CHANNEL,
  type SourceEvent,
  type SourceMapping,
  type SourcePoller,
  type StartPoller,
} from "../contract.ts";
import { createFilter } from "../filters/filter.ts";
import type { Results } from "../results.ts";
import { createBell } from "./bell.ts";
import { createCheckpoints, type Checkpoint } from "./checkpoints.ts";
import type { Position, Shard, StreamReader, StreamRecord, StreamService } from "./contract.ts";
import { failureRecord } from "./give-up.ts";
import { CALL_FAILED, OK, pollingProblem } from "./problems.ts";
import { settle, type Called, type Ending, type Rules } from "./settle.ts";
import { readShard } from "./shard.ts";
import { createTumbling, windowMembers, type Tumbling } from "./tumbling.ts";

export interface StreamSourceOptions {
  service: StreamService;
  documents: Documents;
  invoker: Pick<Invoker, "invoke">;
  /** Tells destinations of what is given up. */
  deliver: Deliver;
  results: Pick<Results, "put">;
  /** ARN of the execution role. */
  roleOf: (mapping: SourceMapping) => Promise<string>;
  report: (error: unknown) => void;
  clock?: Clock;
  /** ms before the first repetition of a call that has failed; twice as long each time. Default 1,000. */
  retryMs?: number;
}

const RETRY_MS = 1000;
const MAX_PAUSE_MS = 60_000;
/** ms after which shards are listed again, and sooner while there are none. */
const LIST_MS = 15_000;
const LIST_NONE_MS = 1000;

export function streamSource(options: StreamSourceOptions): StartPoller {
  return (mapping) => startPoller(options, mapping);
}

function startPoller(options: StreamSourceOptions, mapping: SourceMapping): SourcePoller {
  const { service, report, clock = systemClock, retryMs = RETRY_MS } = options;
  const { scope, settings, functionName, qualifier } = mapping;
  const arn = settings.EventSourceArn ?? "";
  const events = channel(SOURCE_CHANNEL);
  const stopped = new AbortController();
  const { signal } = stopped;
  const checkpoints = createCheckpoints(options.documents, mapping);
  const patterns = (settings.FilterCriteria?.Filters ?? []).flatMap(({ Pattern }) => Pattern ?? []);
  const passes = createFilter(patterns, service.data);
  const rules = rulesOf(settings);
  const running = new Map<string, Promise<void>>();
  const bell = createBell();
  /** Reading has failed, and nothing was read since. */
  let troubled = false;
  const done = poll();

  async function poll(): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        const reader = service.open(arn, await options.roleOf(mapping));
        const saved = await checkpoints.all();
        for (;;) {
          const shards = await reader.shards(signal);
          failures = 0;
          await startShards(reader, shards, saved);
          await bell.wait(shards.length === 0 ? LIST_NONE_MS : LIST_MS, signal);
          if (signal.aborted) break;
        }
      } catch (error) {
        if (!signal.aborted) await failed(error, (failures += 1));
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
      const shard = read(reader, id, saved, fresh)
        .catch(report)
        .finally(() => {
          running.delete(id);
          bell.ring();
        });
      running.set(id, shard);
    }
  }

  function firstCheckpoint(closed: boolean): Checkpoint {
    const position = startOf(settings, clock());
    return closed && position.from === "latest" ? { position, done: true } : { position };
  }

  async function read(reader: StreamReader, id: string, saved: Map<string, Checkpoint>, fresh: boolean): Promise<void> {
    const checkpoint = saved.get(id) ?? { position: laterStart(settings) };
    const windowMs = (settings.TumblingWindowInSeconds ?? 0) * 1000;
    const tumbling =
      windowMs === 0
        ? undefined
        : createTumbling({
            windowMs,
            current: checkpoint.window,
            last: (window, early) => closeWindow(window, early),
          });
    async function save(state: Checkpoint): Promise<void> {
      for (let times = 1; !signal.aborted || times === 1; times += 1) {
        try {
          await checkpoints.put(id, state);
          saved.set(id, state);
          return;
        } catch (error) {
          report(
            new KilnError("CHECKPOINT_FAILED", `How far ${id} of ${arn} is handled cannot be kept.`, { cause: error }),
          );
          await pause(times);
        }
      }
    }

    async function closeWindow(window: NonNullable<Tumbling["current"]>, early: boolean): Promise<void> {
      const about = { shardId: id, arn, final: true, early };
      for (let failures = 0; !signal.aborted;) {
        const called = await call({ Records: [], ...windowMembers(window, about) }, []);
        if (called !== undefined && called.answer.functionError === undefined) break;
        if (called !== undefined) failures += 1;
        if (failures > rules.maximumRetries) {
          report(
            new KilnError("WINDOW_GIVEN_UP", `The last call of a window of ${id} of ${arn} has failed.`, {
              hint: `${functionName} was called ${failures} times.`,
            }),
          );
          break;
        }
        await pause(failures + 1);
      }
      if (!signal.aborted) tumbling?.end();
    }

    await readShard({
      id,
      checkpoint,
      fresh: fresh && checkpoint.position.from === "latest",
      reader,
      pollMs: service.pollMs,
      maxRead: service.maxRead,
      lanes: settings.ParallelizationFactor ?? 1,
      batchSize: settings.BatchSize ?? 100,
      windowMs: (settings.MaximumBatchingWindowInSeconds ?? 0) * 1000,
      passes,
      tumbling,
      signal,
      clock,
      save,
      failed,
      succeeded: ({ read: polled, filtered }) => {
        if (troubled || filtered > 0) options.results.put(scope, mapping.uuid, OK);
        troubled = false;
        if (filtered > 0) publish("success", { polled, filtered, deleted: filtered });
      },
      settle: (batch, handled) =>
        settle(batch, {
          rules,
          clock,
          signal,
          pause,
          handled,
          giveUp: (records, ending) => giveUp(id, records, ending),
          call: async (records) => {
            const [first] = records;
            if (tumbling === undefined || first === undefined) return call(undefined, records);
            const window = tumbling.open(first);
            const members = windowMembers(window, { shardId: id, arn, final: false, early: false });
            const called = await call(members, records);
            if (called?.answer.functionError === undefined && called !== undefined) {
              if (tumbling.keep(called.answer.payload)) await tumbling.close(true);
            }
            return called;
          },
        }),
    });
  }

  /** Undefined when the function was not run. */
  async function call(members: object | undefined, records: readonly StreamRecord[]): Promise<Called | undefined> {
    const requestId = newId();
    const list = `"Records":[${records.map(({ text }) => text).join(",")}]`;
    const more = members === undefined ? "" : JSON.stringify({ ...members, Records: undefined }).slice(1, -1);
    const payload = Buffer.from(`{${list}${more === "" ? "" : `,${more}`}}`);
    const about = { scope, functionName, requestId, payload, tail: false };
    try {
      const answer = await options.invoker.invoke({ ...about, ...(qualifier === undefined ? {} : { qualifier }) });
      const fine = answer.functionError === undefined;
      options.results.put(scope, mapping.uuid, fine ? OK : CALL_FAILED);
      const polled = records.length;
      publish(fine ? "success" : "failed", { polled, filtered: 0, deleted: fine ? polled : 0 });
      return { requestId, answer };
    } catch (error) {
      const throttled = error instanceof ServiceError && error.status === 429;
      if (!throttled) report(error);
      options.results.put(scope, mapping.uuid, `${CALL_FAILED}${throttled ? "" : `: ${messageOf(error)}`}`);
      publish("throttled", { polled: records.length, filtered: 0, deleted: 0 });
      return undefined;
    }
  }

  async function giveUp(shardId: string, records: readonly StreamRecord[], ending: Ending): Promise<void> {
    const target = settings.DestinationConfig?.OnFailure?.Destination;
    const what = `${records.length} records of ${shardId} of ${arn}, from ${records[0]?.sequenceNumber} on, are given up (${ending.condition})`;
    if (target === undefined || target === "") {
      return report(
        new KilnError("RECORDS_DROPPED", `${what}.`, { hint: "A destination on failure is told of such records." }),
      );
    }
    const source = functionArn(scope, functionName, qualifier);
    const requestId = ending.requestId ?? newId();
    const about = { records, ending, requestId, functionArn: source, streamArn: arn, shardId };
    const body = failureRecord({ ...about, batchInfo: service.batchInfo, now: clock() });
    for (let times = 1; !signal.aborted; times += 1) {
      try {
        return await options.deliver({ scope, target, source, requestId, body });
      } catch (error) {
        report(new KilnError("DELIVERY_FAILED", `${what}, and ${target} could not be told.`, { cause: error }));
        if (error instanceof ServiceError && error.status < 500 && error.status !== 429) return;
        await pause(times);
      }
    }
  }

  /** `times`: 0 for what is no failure of the stream. */
  async function failed(error: unknown, times: number): Promise<void> {
    if (times > 0) {
      troubled = true;
      options.results.put(scope, mapping.uuid, pollingProblem(error));
      report(
        new KilnError("POLLING_FAILED", `${arn} cannot be polled for function ${functionName}.`, {
          hint: `It is tried again in ${pauseMs(times) / 1000} s.`,
          cause: error,
        }),
      );
    }
    await pause(Math.max(1, times));
  }

  const pauseMs = (times: number): number => Math.min(MAX_PAUSE_MS, retryMs * 2 ** Math.min(20, times - 1));

  /** Until its time is over or the poller is stopped. */
  function pause(times: number): Promise<void> {
    return createBell().wait(pauseMs(times), signal);
  }

  function publish(
    outcome: SourceEvent["outcome"],
    counts: Pick<SourceEvent, "polled" | "filtered" | "deleted">,
  ): void {
    if (!events.hasSubscribers) return;
    events.publish({ ...scope, uuid: mapping.uuid, functionName, outcome, ...counts } satisfies SourceEvent);
  }

  return {
    async stop() {
      stopped.abort();
      await done;
    },
  };
}

const orEver = (value: number | undefined): number =>
  value === undefined || value < 0 ? Number.POSITIVE_INFINITY : value;

function rulesOf(settings: SourceMapping["settings"]): Rules {
  return {
    bisect: settings.BisectBatchOnFunctionError === true,
    maximumRetries: orEver(settings.MaximumRetryAttempts),
    maximumAge: orEver(settings.MaximumRecordAgeInSeconds) * 1000,
    partial: settings.FunctionResponseTypes?.includes("ReportBatchItemFailures") === true,
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
