import { performance } from "node:perf_hooks";
import type { JailExit } from "../../sandbox/contract.ts";
import { SnapStartError, type SnapStartFault } from "../contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { RestoreTimes } from "../logs/platform-log.ts";
import type { FunctionFailure } from "../runtime-api/index.ts";
import type { Guest } from "./guest.ts";
import { faultOf, type Fault } from "./outcome.ts";
import type { Phase } from "./phase.ts";

export interface RestorePhaseOptions {
  guest: Guest;
  log: EnvironmentLog;
  /** ms that it took until the processes of the snapshot went on. */
  machineMs: number;
  /** ms that the runtime and its hooks may take. */
  limitMs: number;
  /** Called once, when RESTORE_REPORT has been written. */
  over: (outcome: RestorePhaseOutcome) => void;
}

export type RestorePhaseOutcome = { times: RestoreTimes; failure?: undefined } | { failure: SnapStartError };

/**
 * From the restored machine until the runtime has run its hooks and asks for an event
 * (https://docs.aws.amazon.com/lambda/latest/dg/snapstart-monitoring.html). Its beginning is written when the machine is
 * there, because only then is there somebody to tell.
 */
export class RestorePhase implements Phase {
  readonly #options: RestorePhaseOptions;
  readonly #startedAt = performance.now();
  readonly #timer: NodeJS.Timeout;
  #over = false;

  constructor(options: RestorePhaseOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#failed("timeout"), options.limitMs);
    options.log.platform.restoreStart();
  }

  ready(): void {
    if (this.#over) return;
    const { guest, log, machineMs, over } = this.#options;
    this.stop();
    guest.extensions.close();
    const runtimeMs = performance.now() - this.#startedAt;
    const times = { durationMs: machineMs + runtimeMs, billedMs: Math.ceil(runtimeMs) };
    log.platform.restoreRuntimeDone({ status: "success" });
    log.platform.restoreReport({ status: "success", durationMs: times.durationMs });
    guest.telemetry.close();
    over({ times });
  }

  restoreFailed({ type }: FunctionFailure): void {
    this.#failed("error", type);
  }

  exited(exit: JailExit): void {
    this.#failed("error", faultOf(exit).errorType);
  }

  extensionExited({ errorType }: Fault): void {
    this.#failed("error", errorType);
  }

  // There is no call yet, and the function has been initialised before.
  extensionsChanged(): void {}
  restoreReady(): void {}
  initFailed(): void {}
  responded(): void {}
  streaming(): undefined {
    return undefined;
  }
  streamed(): void {}
  failed(): void {}

  stop(): void {
    this.#over = true;
    clearTimeout(this.#timer);
  }

  #failed(status: "error" | "timeout", errorType?: string): void {
    if (this.#over) return;
    const { guest, log, machineMs, limitMs, over } = this.#options;
    const runtimeMs = status === "timeout" ? limitMs : performance.now() - this.#startedAt;
    this.stop();
    guest.output.drain(() => {
      const outcome = { status, ...(errorType === undefined ? {} : { errorType }) };
      log.platform.restoreRuntimeDone(outcome);
      log.platform.restoreReport({ ...outcome, durationMs: machineMs + runtimeMs });
      const fault: SnapStartFault = status === "timeout" ? "timeout" : "hook";
      over({ failure: new SnapStartError(fault, `An environment could not be restored: ${errorType ?? status}.`) });
    });
  }
}
