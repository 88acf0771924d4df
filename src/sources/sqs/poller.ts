/**
 * Polls a queue of Kiln's for one mapping: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html. What a call does not
 * settle stays in the queue and shows up again when its visibility timeout is over, as on AWS.
 */
import { channel } from "node:diagnostics_channel";
import { performance } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { KilnError, ServiceError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import { withLineage } from "../../base/lineage.ts";
import { newTraceId } from "../../base/trace-id.ts";
import { createWindow } from "../../base/window.ts";
import type { InvokeAnswer, Invoker } from "../../invoke/contract.ts";
import type { Queues } from "../../queues/contract.ts";
import { SOURCE_CHANNEL, type SourceEvent, type SourcePoller, type StartPoller } from "../contract.ts";
import { createFilter } from "../filters/filter.ts";
import { failedMessages } from "./answer.ts";
import { chainsOf, type Chain } from "./chains.ts";
import { gather } from "./gather.ts";
import { recordOf, type SqsRecord } from "./record.ts";

export interface SqsSourceOptions {
  queues: Pick<Queues, "receive" | "delete">;
  invoker: Pick<Invoker, "invoke">;
  report: (error: unknown) => void;
}

/** ms after a failure of polling, twice as long each time. */
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 60_000;
/** A batch that is throttled is called again so often before it goes back to its queue. */
const THROTTLED_CALLS = 5;

export function sqsSource(options: SqsSourceOptions): StartPoller {
  const events = channel(SOURCE_CHANNEL);

  return (mapping): SourcePoller => {
    const { scope, settings } = mapping;
    const arn = settings.EventSourceArn ?? "";
    const [, , , region = "", account = "", name = ""] = arn.split(":");
    const patterns = (settings.FilterCriteria?.Filters ?? []).flatMap(({ Pattern }) => Pattern ?? []);
    const passes = createFilter(patterns, "body");
    const window = createWindow(settings.ScalingConfig?.MaximumConcurrency);
    const partial = settings.FunctionResponseTypes?.includes("ReportBatchItemFailures") === true;
    const stopped = new AbortController();
    const calls = new Set<Promise<void>>();
    const done = poll();

    async function poll(): Promise<void> {
      let pause = FIRST_PAUSE_MS;
      while (!stopped.signal.aborted) {
        try {
          const messages = await gather(
            (max, waitSeconds) =>
              options.queues.receive({ account, region }, name, { max, waitSeconds, signal: stopped.signal }),
            {
              size: settings.BatchSize ?? 10,
              windowMs: (settings.MaximumBatchingWindowInSeconds ?? 0) * 1000,
              signal: stopped.signal,
            },
          );
          pause = FIRST_PAUSE_MS;
          if (messages.length === 0) continue;
          for (const chain of chainsOf(messages)) {
            const call = handle(chain).catch(options.report);
            const settled = call.finally(() => calls.delete(settled));
            calls.add(settled);
            while (calls.size >= window.size) await Promise.race(calls);
          }
        } catch (error) {
          options.report(
            new KilnError("POLLING_FAILED", `${arn} cannot be polled for function ${mapping.functionName}.`, {
              hint: `It is tried again in ${pause / 1000} s.`,
              cause: error,
            }),
          );
          await sleep(pause, undefined, { signal: stopped.signal, ref: false }).catch(() => undefined);
          pause = Math.min(LAST_PAUSE_MS, pause * 2);
        }
      }
      await Promise.all(calls);
    }

    async function handle({ messages, lineage }: Chain): Promise<void> {
      const records = messages.map((message) => recordOf(message, arn, scope.region));
      const kept = records.filter(passes);
      const filtered = records.filter((record) => !kept.includes(record));
      // AWS deletes what no filter lets through.
      await forget(filtered);
      const counts = { polled: records.length, filtered: filtered.length };
      if (kept.length === 0) return publish("success", { ...counts, deleted: filtered.length });
      const answer = await call(Buffer.from(JSON.stringify({ Records: kept })), lineage);
      if (answer === undefined) return publish("throttled", { ...counts, deleted: filtered.length });
      const settledRecords = settledBy(answer, kept);
      await forget(settledRecords);
      const deleted = filtered.length + settledRecords.length;
      const all = settledRecords.length === kept.length;
      publish(all ? "success" : settledRecords.length === 0 ? "failed" : "partial", { ...counts, deleted });
    }

    /** Undefined when there was no concurrency for it, or no function. */
    async function call(payload: Uint8Array, lineage: string): Promise<InvokeAnswer | undefined> {
      for (let each = 1; ; each += 1) {
        try {
          const { functionName, qualifier } = mapping;
          const traceId = withLineage(newTraceId(), lineage);
          const about = { scope, functionName, requestId: newId(), payload, traceId, tail: false };
          const answer = await options.invoker.invoke({ ...about, ...(qualifier === undefined ? {} : { qualifier }) });
          if (answer.functionError === undefined) window.succeeded(answer.durationMs, performance.now());
          return answer;
        } catch (error) {
          const throttled = error instanceof ServiceError && error.status === 429;
          if (throttled) window.throttled(calls.size - 1);
          else options.report(error);
          if (!throttled || each === THROTTLED_CALLS || stopped.signal.aborted) return undefined;
          await sleep(FIRST_PAUSE_MS * each, undefined, { ref: false });
        }
      }
    }

    function settledBy(answer: InvokeAnswer, records: readonly SqsRecord[]): readonly SqsRecord[] {
      if (answer.functionError !== undefined) return [];
      if (!partial) return records;
      const failed = failedMessages(answer.payload, new Set(records.map(({ messageId }) => messageId)));
      return failed === undefined ? [] : records.filter(({ messageId }) => !failed.has(messageId));
    }

    async function forget(records: readonly SqsRecord[]): Promise<void> {
      await Promise.all(
        records.map(({ receiptHandle }) => options.queues.delete({ account, region }, name, receiptHandle)),
      );
    }

    function publish(
      outcome: SourceEvent["outcome"],
      counts: Pick<SourceEvent, "polled" | "filtered" | "deleted">,
    ): void {
      if (!events.hasSubscribers) return;
      const { uuid, functionName } = mapping;
      events.publish({ ...scope, uuid, functionName, outcome, ...counts } satisfies SourceEvent);
    }

    return {
      async stop() {
        stopped.abort();
        await done;
      },
    };
  };
}
