/**
 * A batch, called until all of it is settled: handled, or given up by the rules of its mapping.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html,
 * https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
import type { InvokeAnswer } from "../../invoke/contract.ts";
import { firstFailure } from "./answer.ts";
import type { StreamRecord } from "./contract.ts";

export interface Rules {
  bisect: boolean;
  /** Infinity: until the records are gone. */
  maximumRetries: number;
  /** ms; Infinity: any. */
  maximumAge: number;
  /** The function says which records have failed. */
  partial: boolean;
}

export interface Ending {
  condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  /** Calls that reached the function. */
  invokeCount: number;
  /** Of the last of them. */
  answer?: InvokeAnswer | undefined;
  requestId?: string | undefined;
}

export interface Called {
  requestId: string;
  answer: InvokeAnswer;
}

export interface SettleOptions {
  rules: Rules;
  clock: () => number;
  signal: AbortSignal;
  /** Undefined when the function was not run: there was no concurrency for it, or no function. */
  call: (records: readonly StreamRecord[]) => Promise<Called | undefined>;
  /** ms that are waited before the `times`-th call in a row that brings no progress. */
  pause: (times: number) => Promise<void>;
  handled: (records: readonly StreamRecord[]) => Promise<void>;
  /** Resolves when the destination has been told. */
  giveUp: (records: readonly StreamRecord[], ending: Ending) => Promise<void>;
}

interface Work {
  records: readonly StreamRecord[];
  /** Calls that failed and count as attempts. */
  failures: number;
  invokeCount: number;
  last?: Called;
}

/** Resolves when everything is settled, or the signal is aborted: then the rest is to be read again. */
export async function settle(batch: readonly StreamRecord[], options: SettleOptions): Promise<void> {
  const { rules, signal } = options;
  /** The next one is the last. */
  const todo: Work[] = [{ records: batch, failures: 0, invokeCount: 0 }];
  let idle = 0;

  async function drop(work: Work, condition: Ending["condition"]): Promise<void> {
    const { invokeCount, last } = work;
    await options.giveUp(work.records, { condition, invokeCount, answer: last?.answer, requestId: last?.requestId });
    if (!signal.aborted) await options.handled(work.records);
  }

  for (let work = todo.pop(); work !== undefined && !signal.aborted; work = todo.pop()) {
    const oldest = options.clock() - rules.maximumAge;
    const young = work.records.findIndex(({ arrivedAt }) => arrivedAt >= oldest);
    if (young !== 0) {
      const expired = young === -1 ? work.records : work.records.slice(0, young);
      await drop({ ...work, records: expired }, "RecordAgeExceeded");
      if (young !== -1) todo.push({ ...work, records: work.records.slice(young) });
      continue;
    }
    const called = await options.call(work.records);
    if (called === undefined) {
      todo.push(work);
      await options.pause((idle += 1));
      continue;
    }
    const after: Work = { ...work, invokeCount: work.invokeCount + 1, last: called };
    const first = failureIn(called.answer, work.records, rules);
    if (first > 0) {
      idle = 0;
      await options.handled(work.records.slice(0, first));
    }
    if (first === work.records.length) continue;
    const rest = work.records.slice(first);
    if (rules.bisect && work.records.length > 1) {
      // Splitting is no attempt. Where the function has said what failed first, that is where the batch is split.
      const half = Math.ceil(rest.length / 2);
      if (first > 0) todo.push({ ...after, records: rest });
      else todo.push({ ...after, records: rest.slice(half) }, { ...after, records: rest.slice(0, half) });
      continue;
    }
    // What the function handled at last has made room for another failure, with attempts of its own.
    const failures = first > 0 ? 1 : work.failures + 1;
    const failed: Work = { ...after, records: rest, failures };
    if (failures > rules.maximumRetries) await drop(failed, "RetryAttemptsExhausted");
    else {
      todo.push(failed);
      await options.pause((idle += 1));
    }
  }
}

/** Index of the first record that is not handled. */
function failureIn(answer: InvokeAnswer, records: readonly StreamRecord[], { partial }: Rules): number {
  if (answer.functionError !== undefined) return 0;
  if (!partial) return records.length;
  return firstFailure(
    answer.payload,
    records.map(({ sequenceNumber }) => sequenceNumber),
  );
}
