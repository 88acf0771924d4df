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
}

/** What the environment adds to it. */
export interface Figures {
  maxMemoryMB: number;
  /** Present for the first call of an environment. */
  initMs: number | undefined;
  /**
   * The init phase was over before the call came. AWS shows and bills it with the environment's first call all the same
   * (https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/).
   */
  ahead: boolean;
}

/** Writes END and REPORT, and makes the caller's answer. */
export function writeUp(log: EnvironmentLog, call: Call, ending: Ending, figures: Figures): CallResult {
  const { payload, failed, status, errorType, streamed, durationMs } = ending;
  const { maxMemoryMB, initMs, ahead } = figures;
  // The init phase is billed since August 2025:
  // https://aws.amazon.com/blogs/compute/aws-lambda-standardizes-billing-for-init-phase/
  const billedMs = Math.ceil(durationMs + (initMs ?? 0));
  const init = initMs === undefined ? undefined : { initMs };
  log.platform.report({
    requestId: call.requestId,
    status,
    durationMs,
    billedMs,
    maxMemoryMB,
    producedBytes: streamed?.bytes ?? payload.length,
    ...(errorType === undefined ? undefined : { errorType }),
    ...init,
  });
  const logTail = log.takeTail();
  return {
    payload,
    status,
    durationMs,
    billedMs,
    maxMemoryMB,
    ...(streamed === undefined ? undefined : { streamed }),
    ...(failed ? { functionError: "Unhandled" } : undefined),
    ...(logTail === undefined ? undefined : { logTail }),
    ...(ahead ? undefined : init),
  };
}
