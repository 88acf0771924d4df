/** One batch of a queue: what filters let through goes to the function, and what is handled is deleted. */
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, ServiceError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { withLineage } from "../../base/lineage.ts";
import { newTraceId } from "../../base/trace-id.ts";
import type { Window } from "../../base/window.ts";
import type { InvokeAnswer, Invoker } from "../../invoke/contract.ts";
import type { SourceMapping } from "../contract.ts";
import type { Count } from "../counter.ts";
import { createFilter } from "../filters/filter.ts";
import { CALL_FAILED, OK } from "../problems.ts";
import type { Results } from "../results.ts";
import { failedMessages } from "./answer.ts";
import type { Chain } from "./chains.ts";
import type { SourceQueue } from "./contract.ts";
import { recordOf, type SqsRecord } from "./record.ts";

export interface HandlerOptions {
  mapping: SourceMapping;
  invoker: Pick<Invoker, "invoke">;
  results: Pick<Results, "put">;
  report: (error: unknown) => void;
  count: Count;
  window: Window;
  /** Batches that are being handled, this one included. */
  running: () => number;
  signal: AbortSignal;
}

/** A batch that is throttled is called again so often before it goes back to its queue, after 1 s, 2 s, … */
const THROTTLED_CALLS = 5;
const THROTTLED_PAUSE_MS = 1000;

export type Handle = (queue: SourceQueue, chain: Chain) => Promise<void>;

export function createHandler({ mapping, invoker, results, report, count, window, ...about }: HandlerOptions): Handle {
  const { scope, uuid, functionName, qualifier, settings } = mapping;
  const arn = settings.EventSourceArn ?? "";
  const patterns = (settings.FilterCriteria?.Filters ?? []).flatMap(({ Pattern }) => Pattern ?? []);
  const passes = createFilter(patterns, "body");
  const partial = settings.FunctionResponseTypes?.includes("ReportBatchItemFailures") === true;

  async function handle(queue: SourceQueue, { messages, lineage }: Chain): Promise<void> {
    const records = messages.map((message) => recordOf(message, arn, scope.region));
    const kept = patterns.length === 0 ? records : records.filter(passes);
    if (kept.length < records.length) {
      const filtered = new Set(records);
      for (const record of kept) filtered.delete(record);
      count({ filteredOut: filtered.size });
      // AWS deletes what no filter lets through.
      await forget(queue, [...filtered]);
    }
    if (kept.length === 0) return;
    const answer = await call(Buffer.from(JSON.stringify({ Records: kept })), lineage);
    const handled = answer === undefined ? [] : settledBy(answer, kept);
    count({
      ...(answer === undefined ? {} : { invoked: kept.length }),
      ...(handled.length === kept.length ? {} : { failedInvoke: kept.length - handled.length }),
    });
    await forget(queue, handled);
  }

  /** Undefined when there was no concurrency for it, or no function. */
  async function call(payload: Uint8Array, lineage: string): Promise<InvokeAnswer | undefined> {
    for (let each = 1; ; each += 1) {
      try {
        const traceId = withLineage(newTraceId(), lineage);
        const request = { scope, functionName, requestId: newId(), payload, traceId, tail: false };
        const answer = await invoker.invoke({ ...request, ...(qualifier === undefined ? {} : { qualifier }) });
        const fine = answer.functionError === undefined;
        if (fine) window.succeeded(answer.durationMs, performance.now());
        results.put(scope, uuid, fine ? OK : CALL_FAILED);
        return answer;
      } catch (error) {
        const throttled = error instanceof ServiceError && error.status === 429;
        if (throttled) window.throttled(about.running() - 1);
        else report(error);
        results.put(scope, uuid, throttled ? CALL_FAILED : `${CALL_FAILED}: ${messageOf(error)}`);
        if (!throttled || each === THROTTLED_CALLS || about.signal.aborted) return undefined;
        await sleep(THROTTLED_PAUSE_MS * each, undefined, { ref: false });
      }
    }
  }

  function settledBy(answer: InvokeAnswer, records: readonly SqsRecord[]): readonly SqsRecord[] {
    if (answer.functionError !== undefined) return [];
    if (!partial) return records;
    const failed = failedMessages(answer.payload, new Set(records.map(({ messageId }) => messageId)));
    return failed === undefined ? [] : records.filter(({ messageId }) => !failed.has(messageId));
  }

  async function forget(queue: SourceQueue, records: readonly SqsRecord[]): Promise<void> {
    if (records.length === 0) return;
    await queue.delete(records.map(({ receiptHandle }) => receiptHandle));
    count({ deleted: records.length });
  }

  return handle;
}
