/** What all shards of one mapping share: calls of its function, what is told of them, and pauses. */
import { functionArn } from "../../base/arn.ts";
import { systemClock, type Clock } from "../../base/clock.ts";
import { KilnError, messageOf, ServiceError } from "../../base/errors.ts";
import { newId } from "../../base/ids.ts";
import type { Deliver, Invoker } from "../../invoke/contract.ts";
import type { Documents } from "../../store/contract.ts";
import type { SourceMapping } from "../contract.ts";
import { createCounter } from "../counter.ts";
import type { Results } from "../results.ts";
import { createBell } from "./bell.ts";
import type { StreamRecord, StreamService } from "./contract.ts";
import { failureRecord } from "./give-up.ts";
import { CALL_FAILED, OK, pollingProblem } from "../problems.ts";
import type { Called, Ending } from "./settle.ts";

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
  /** ms before the first repetition of what has failed; twice as long each time. Default 1,000. */
  retryMs?: number;
}

const RETRY_MS = 1000;
const MAX_PAUSE_MS = 60_000;

export interface Mapped {
  arn: string;
  signal: AbortSignal;
  clock: Clock;
  /** Undefined when the function was not run. `members`: of the event, beside its records. */
  call: (records: readonly StreamRecord[], members?: object) => Promise<Called | undefined>;
  /** Resolves when the destination knows, or cannot be told. */
  giveUp: (shardId: string, records: readonly StreamRecord[], ending: Ending) => Promise<void>;
  /** Polling has failed for the `times`-th time in a row: says so and waits. 0: for a reason that is no failure. */
  failed: (error: unknown, times: number) => Promise<void>;
  read: (counts: { polled: number; filtered: number }) => void;
  /** Before something is done for the `times`-th time again; ends early when the mapping is polled no more. */
  pause: (times: number) => Promise<void>;
}

export function createMapped(options: StreamSourceOptions, mapping: SourceMapping, signal: AbortSignal): Mapped {
  const { service, report, clock = systemClock, retryMs = RETRY_MS } = options;
  const { scope, uuid, settings, functionName, qualifier } = mapping;
  const arn = settings.EventSourceArn ?? "";
  const source = functionArn(scope, functionName, qualifier);
  const count = createCounter(mapping);
  /** Reading has failed, and nothing was read since. */
  let troubled = false;

  const pauseMs = (times: number): number => Math.min(MAX_PAUSE_MS, retryMs * 2 ** Math.min(20, times - 1));
  const pause = (times: number): Promise<void> => createBell().wait(pauseMs(times), signal);

  async function call(records: readonly StreamRecord[], members: object = {}): Promise<Called | undefined> {
    const requestId = newId();
    const more = JSON.stringify(members).slice(1, -1);
    const payload = Buffer.from(payloadOf(records, more));
    const about = { scope, functionName, requestId, payload, tail: false };
    try {
      const answer = await options.invoker.invoke({ ...about, ...(qualifier === undefined ? {} : { qualifier }) });
      const fine = answer.functionError === undefined;
      options.results.put(scope, uuid, fine ? OK : CALL_FAILED);
      count({ invoked: records.length, ...(fine ? {} : { failedInvoke: records.length }) });
      return { requestId, answer };
    } catch (error) {
      const throttled = error instanceof ServiceError && error.status === 429;
      if (!throttled) report(error);
      options.results.put(scope, uuid, throttled ? CALL_FAILED : `${CALL_FAILED}: ${messageOf(error)}`);
      count({ failedInvoke: records.length });
      return undefined;
    }
  }

  async function giveUp(shardId: string, records: readonly StreamRecord[], ending: Ending): Promise<void> {
    const target = settings.DestinationConfig?.OnFailure?.Destination ?? "";
    const range = `${records.length} records from ${records[0]?.sequenceNumber} on`;
    const what = `${range} of ${shardId} of ${arn} are given up (${ending.condition})`;
    if (target === "") {
      count({ dropped: records.length });
      const hint = "A destination on failure is told of such records.";
      return report(new KilnError("RECORDS_DROPPED", `${what}.`, { hint }));
    }
    const requestId = ending.requestId ?? newId();
    const about = { records, ending, requestId, functionArn: source, streamArn: arn, shardId };
    // Only buckets get the records themselves, as on AWS.
    const payload = target.startsWith("arn:aws:s3:") ? payloadOf(records) : undefined;
    const body = failureRecord({ ...about, batchInfo: service.batchInfo, now: clock(), payload });
    for (let times = 1; !signal.aborted; times += 1) {
      try {
        await options.deliver({ scope, target, source, requestId, body, folder: `aws/lambda/${uuid}/${shardId}` });
        return count({ onFailureDestinationDelivered: records.length });
      } catch (error) {
        report(new KilnError("DELIVERY_FAILED", `${what}, and ${target} could not be told.`, { cause: error }));
        if (error instanceof ServiceError && error.status < 500 && error.status !== 429) {
          return count({ dropped: records.length });
        }
        await pause(times);
      }
    }
  }

  return {
    arn,
    signal,
    clock,
    call,
    giveUp,
    pause,
    async failed(error, times) {
      if (times > 0) {
        troubled = true;
        options.results.put(scope, uuid, pollingProblem(error, "stream"));
        const hint = `It is tried again in ${pauseMs(times) / 1000} s.`;
        const message = `${arn} cannot be polled for function ${functionName}.`;
        report(new KilnError("POLLING_FAILED", message, { hint, cause: error }));
      }
      await pause(Math.max(1, times));
    },
    read({ polled, filtered }) {
      if (troubled || filtered > 0) options.results.put(scope, uuid, OK);
      troubled = false;
      if (polled > 0) count({ polled, ...(filtered > 0 ? { filteredOut: filtered } : {}) });
    },
  };
}

/** JSON text of an event. `more`: members beside its records, without braces. */
function payloadOf(records: readonly StreamRecord[], more = ""): string {
  return `{"Records":[${records.map(({ text }) => text).join(",")}]${more === "" ? "" : `,${more}`}}`;
}
