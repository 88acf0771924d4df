import type { Call, CallResult } from "../contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { RestoreTimes } from "../logs/platform-log.ts";

/** How a call ended, before it is written up. */
export interface Ending {
  payload: Uint8Array;
  /** Length of the payload that the runtime has answered with, which its caller may have freed since. */
  bytes?: number;
  failed: boolean;
  status: CallResult["status"];
  errorType?: string;
  /** See CallResult. */
  streamed?: NonNullable<CallResult["streamed"]>;
  durationMs: number;
  /** The platform log has been told already that the runtime is done. */
  runtimeDone?: boolean;
}

/** What the environment adds to it. */
export interface Figures {
  maxMemoryMB: number;
  /** Present for the first call of an environment. */
  initMs: number | undefined;
  /** Present for the first call of an environment that was made of a snapshot. */
  restore: RestoreTimes | undefined;
  /**
   * The init phase was over before the call came. AWS shows and bills it with the environment's first call all the same: the
   * REPORT lines of provisioned environments that people show have an `Init Duration`, once each
   * (https://qiita.com/unhurried/items/9bbd8072fc6b91e717b2, https://stackoverflow.com/q/60059435;
   * https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/).
   */
  ahead: boolean;
}

/** The caller's answer without the log. */
export function answerOf(ending: Ending, figures: Figures): CallResult {
  const { payload, failed, status, streamed, durationMs } = ending;
  const { maxMemoryMB, initMs, restore, ahead } = figures;
  return {
    payload,
    status,
    durationMs,
    billedMs: billed(durationMs, initMs, restore),
    maxMemoryMB,
    ...(streamed === undefined ? undefined : { streamed }),
    ...(failed ? { functionError: "Unhandled" } : undefined),
    ...(ahead || initMs === undefined ? undefined : { initMs }),
  };
}

/**
 * The init phase is billed since August 2025:
 * https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
 * Of a restore the runtime's part is, as a whole number of its own (Duration 2338.66, Billed Restore Duration 182,
 * Billed Duration 2521 in a REPORT line of AWS).
 */
function billed(durationMs: number, initMs = 0, restore?: RestoreTimes): number {
  return Math.ceil(durationMs + initMs) + (restore?.billedMs ?? 0);
}

export function producedBytes({ payload, bytes, streamed }: Ending): number {
  return streamed?.bytes ?? bytes ?? payload.length;
}

/** Writes END and REPORT, and makes the caller's answer. */
export function writeUp(log: EnvironmentLog, call: Call, ending: Ending, figures: Figures): CallResult {
  const { status, errorType, durationMs, runtimeDone = false } = ending;
  const { maxMemoryMB, initMs, restore } = figures;
  const outcome = {
    requestId: call.requestId,
    status,
    durationMs,
    ...(errorType === undefined ? undefined : { errorType }),
  };
  if (!runtimeDone) log.platform.runtimeDone({ ...outcome, producedBytes: producedBytes(ending) });
  log.platform.report({
    ...outcome,
    billedMs: billed(durationMs, initMs, restore),
    maxMemoryMB,
    restore,
    ...(initMs === undefined ? undefined : { initMs }),
  });
  const logTail = log.takeTail();
  return { ...answerOf(ending, figures), ...(logTail === undefined ? undefined : { logTail }) };
}
