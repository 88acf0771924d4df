/**
 * What becomes of an event after a call of it: AWS's rules of retries
 * (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html), apart from where they are applied.
 */
import { ServiceError } from "../../base/errors.ts";
import type { EventSettings, InvokeAnswer } from "../contract.ts";
import { RECURSIVE } from "../recursion.ts";
import type { Condition } from "./record.ts";

export type Verdict =
  /** It is over. */
  | { kind: "end"; condition: Condition }
  /** The function failed: once more after the delay (ms). */
  | { kind: "retry"; delay: number }
  /** It was not run, for want of concurrency or because Kiln failed. */
  | { kind: "later"; throttled: boolean; delay: number }
  /** There is no such function any more. */
  | { kind: "gone" };

export interface Attempt {
  settings: EventSettings;
  /** ms since the event was accepted. */
  ageMs: number;
  /** Calls of it that ended with a function error, this one included. */
  failures: number;
  /** How often it went back to the queue without having been run. */
  postponed: number;
}

/** ms before the first retry; the second waits twice as long. */
export const RETRY_BASE_MS = 60_000;
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 5 * 60_000;

/** Before a call: whether it may still be made. */
export function verdictBefore({ settings, ageMs }: Pick<Attempt, "settings" | "ageMs">): Verdict | undefined {
  if (settings.switchedOff) return { kind: "end", condition: "ZeroReservedConcurrency" };
  if (ageMs > settings.maximumEventAgeSeconds * 1000) return { kind: "end", condition: "EventAgeExceeded" };
  return undefined;
}

export function verdictOn(answer: InvokeAnswer, attempt: Attempt, retryBaseMs: number): Verdict {
  if (answer.functionError === undefined) return { kind: "end", condition: "Success" };
  if (attempt.failures > attempt.settings.maximumRetryAttempts) return { kind: "end", condition: "RetriesExhausted" };
  return inTime(attempt, { kind: "retry", delay: retryBaseMs * attempt.failures });
}

/** `error`: what `Invoker.invoke` threw. */
export function verdictOnError(error: unknown, attempt: Attempt): Verdict {
  if (error instanceof ServiceError && error.status === 404) return { kind: "gone" };
  if (error instanceof ServiceError && error.code === RECURSIVE) {
    return { kind: "end", condition: "RecursiveInvocation" };
  }
  const throttled = error instanceof ServiceError && error.status === 429;
  return inTime(attempt, { kind: "later", throttled, delay: postponement(attempt.postponed) });
}

/** 1 s, and twice as long each time, up to 5 minutes. */
export function postponement(times: number): number {
  return Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(times, 20));
}

/** An event that would be too old by then ends now: nothing is gained by keeping it. */
function inTime({ settings, ageMs }: Attempt, verdict: Verdict & { delay: number }): Verdict {
  const tooOld = ageMs + verdict.delay > settings.maximumEventAgeSeconds * 1000;
  return tooOld ? { kind: "end", condition: "EventAgeExceeded" } : verdict;
}
