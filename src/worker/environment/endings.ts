import type { PlatformLog } from "../logs/platform-log.ts";
import type { FunctionFailure } from "../runtime-api/index.ts";
import type { Ending } from "./call-report.ts";
import { faultAnswer, faultOf, timeoutFault, type Fault } from "./outcome.ts";

const INVALID_ENTRYPOINT = "Runtime.InvalidEntrypoint";

/** How calls end that no answer of the runtime ends. Each writes what goes between START and END. */

export function timedOutEnding(log: PlatformLog, requestId: string, timeoutSeconds: number): Ending {
  log.timedOut(requestId);
  const { payload } = faultAnswer(requestId, timeoutFault(timeoutSeconds));
  return { payload, failed: true, status: "timeout", durationMs: timeoutSeconds * 1000 };
}

export function crashedEnding(log: PlatformLog, requestId: string, fault: Fault, durationMs: number): Ending {
  log.fault(requestId, fault.errorType, fault.message);
  const { type, payload } = faultAnswer(requestId, fault);
  return { payload, failed: true, status: "error", errorType: type, durationMs };
}

/** The worker gives the environment up while the call runs. */
export function killedEnding(log: PlatformLog, requestId: string, durationMs: number): Ending {
  return crashedEnding(log, requestId, faultOf({ status: null, signal: "SIGKILL", oomKilled: false }), durationMs);
}

/** Why the init phase failed: what the runtime reported, or how it went. */
export interface InitFailure {
  status: "error" | "timeout";
  errorType: string;
  reported?: FunctionFailure;
  fault?: Fault;
}

/** The second attempt at the init phase has failed too. */
export function failedInitEnding(
  log: PlatformLog,
  requestId: string,
  why: InitFailure,
  times: { durationMs: number; timeoutSeconds: number },
): Ending {
  log.start(requestId);
  if (why.status === "timeout") return timedOutEnding(log, requestId, times.timeoutSeconds);
  const fault = why.fault ?? entrypointFault(why);
  if (fault !== undefined) return crashedEnding(log, requestId, fault, times.durationMs);
  const payload = why.reported?.payload ?? Buffer.alloc(0);
  return { payload, failed: true, status: "error", errorType: why.errorType, durationMs: times.durationMs };
}

/**
 * A provided runtime has no `bootstrap` that can be started. The image's own bootstrap finds that out and reports it, and
 * it is answered as AWS answers it: like a runtime that has crashed.
 */
function entrypointFault({ errorType, reported }: InitFailure): Fault | undefined {
  if (errorType !== INVALID_ENTRYPOINT || reported === undefined) return undefined;
  try {
    const { errorMessage } = JSON.parse(Buffer.from(reported.payload).toString()) as { errorMessage?: unknown };
    return typeof errorMessage === "string" ? { errorType, message: errorMessage } : undefined;
  } catch {
    return undefined; // It is the function's own report, then, and answered as it is.
  }
}
