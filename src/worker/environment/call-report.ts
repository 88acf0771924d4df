import type { Call, CallResult } from "../contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";

/** How a call ended, before it is written up. */
export interface Ending {
  payload: Uint8Array;
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
  const { maxMemoryMB, initMs, ahead } = figures;
  return {
    payload,
    status,
    durationMs,
    billedMs: billed(durationMs, initMs),
    maxMemoryMB,
    ...(streamed === undefined ? undefined : { streamed }),
    ...(failed ? { functionError: "Unhandled" } : undefined),
    ...(ahead || initMs === undefined ? undefined : { initMs }),
  };
}

/**
 * The init phase is billed since August 2025:
 * https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
 */
function billed(durationMs: number, initMs = 0): number {
  return Math.ceil(durationMs + initMs);
}

export function producedBytes({ payload, streamed }: Ending): number {
  return streamed?.bytes ?? payload.length;
}

/** Writes END and REPORT, and makes the caller's answer. */
export function writeUp(log: EnvironmentLog, call: Call, ending: Ending, figures: Figures): CallResult {
  const { status, errorType, durationMs, runtimeDone = false } = ending;
  const { maxMemoryMB, initMs } = figures;
  const outcome = {
    requestId: call.requestId,
    status,
    durationMs,
    ...(errorType === undefined ? undefined : { errorType }),
  };
  if (!runtimeDone) log.platform.runtimeDone({ ...outcome, producedBytes: producedBytes(ending) });
  log.platform.report({
    ...outcome,
    billedMs: billed(durationMs, initMs),
    maxMemoryMB,
    ...(initMs === undefined ? undefined : { initMs }),
  });
  const logTail = log.takeTail();
  return { ...answerOf(ending, figures), ...(logTail === undefined ? undefined : { logTail }) };
}
