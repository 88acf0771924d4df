/** One shard for one mapping: its settings become the rules of reading and of settling batches. */
import { KilnError } from "../../base/errors.ts";
import type { SourceMapping } from "../contract.ts";
import { createFilter } from "../filters/filter.ts";
import type { Checkpoint, Checkpoints, TumblingState } from "./checkpoints.ts";
import type { StreamReader, StreamRecord, StreamService } from "./contract.ts";
import type { Mapped } from "./mapped.ts";
import { settle, type Called, type Rules } from "./settle.ts";
import { readShard } from "./shard.ts";
import { createTumbling, windowMembers, type Tumbling } from "./tumbling.ts";

export interface MappedShardOptions {
  mapped: Mapped;
  settings: SourceMapping["settings"];
  service: StreamService;
  reader: StreamReader;
  checkpoints: Checkpoints;
  report: (error: unknown) => void;
  /** Hears of each checkpoint that is written. */
  keep: (state: Checkpoint) => void;
  id: string;
  checkpoint: Checkpoint;
  /** The mapping is polled for the first time. */
  fresh: boolean;
}

/** Resolves when the shard is handled to its end, or the mapping is polled no more. */
export async function readMappedShard(options: MappedShardOptions): Promise<void> {
  const { mapped, settings, service, id, checkpoint } = options;
  const { arn, signal, clock, pause } = mapped;
  const rules = rulesOf(settings);
  const patterns = (settings.FilterCriteria?.Filters ?? []).flatMap(({ Pattern }) => Pattern ?? []);
  const windowMs = (settings.TumblingWindowInSeconds ?? 0) * 1000;
  const tumbling: Tumbling | undefined =
    windowMs === 0 ? undefined : createTumbling({ windowMs, current: checkpoint.window, last: endWindow });

  await readShard({
    id,
    checkpoint,
    fresh: options.fresh && checkpoint.position.from === "latest",
    reader: options.reader,
    pollMs: service.pollMs,
    gapMs: service.gapMs,
    maxRead: service.maxRead,
    lanes: settings.ParallelizationFactor ?? 1,
    batchSize: settings.BatchSize ?? 100,
    windowMs: (settings.MaximumBatchingWindowInSeconds ?? 0) * 1000,
    passes: createFilter(patterns, service.data),
    tumbling,
    signal,
    clock,
    save,
    failed: mapped.failed,
    read: mapped.read,
    settle: (batch, handled, own) =>
      settle(batch, {
        rules,
        clock,
        signal: own,
        pause,
        handled,
        giveUp: (records, ending) => mapped.giveUp(id, records, ending),
        call: (records) => (tumbling === undefined ? mapped.call(records) : callInWindow(tumbling, records)),
      }),
  });

  async function callInWindow(window: Tumbling, records: readonly StreamRecord[]): Promise<Called | undefined> {
    const [first] = records;
    if (first === undefined) return undefined;
    const members = windowMembers(window.open(first), { shardId: id, arn, final: false, early: false });
    const called = await mapped.call(records, members);
    if (called === undefined || called.answer.functionError !== undefined) return called;
    if (window.keep(called.answer.payload)) await window.close(true);
    return called;
  }

  async function endWindow(window: TumblingState, early: boolean): Promise<void> {
    const members = windowMembers(window, { shardId: id, arn, final: true, early });
    for (let failures = 0, times = 1; !signal.aborted; times += 1) {
      const called = await mapped.call([], members);
      if (called !== undefined && called.answer.functionError === undefined) break;
      if (called !== undefined) failures += 1;
      if (failures > rules.maximumRetries) {
        const hint = `It was made ${failures} times.`;
        options.report(
          new KilnError("WINDOW_GIVEN_UP", `The last call of a window of ${id} of ${arn} failed.`, { hint }),
        );
        break;
      }
      await pause(times);
    }
    if (!signal.aborted) tumbling?.end();
  }

  /** Until it is written; once only when the mapping is polled no more. */
  async function save(state: Checkpoint): Promise<void> {
    for (let times = 1; !signal.aborted || times === 1; times += 1) {
      try {
        await options.checkpoints.put(id, state);
        options.keep(state);
        return;
      } catch (error) {
        const message = `How far ${id} of ${arn} is handled cannot be kept.`;
        options.report(new KilnError("CHECKPOINT_FAILED", message, { cause: error }));
        await pause(times);
      }
    }
  }
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
