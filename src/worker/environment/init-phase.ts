import { performance } from "node:perf_hooks";
import type { JailExit } from "../../sandbox/contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { FunctionFailure } from "../runtime-api/index.ts";
import type { InitFailure } from "./endings.ts";
import type { Guest } from "./guest.ts";
import { faultOf, type Fault } from "./outcome.ts";
import type { Phase } from "./phase.ts";

export interface InitPhaseOptions {
  guest: Guest;
  log: EnvironmentLog;
  /** `invoke`: the second attempt, on the time of the call that waits (AWS's "suppressed init"). */
  phase: "init" | "invoke";
  /** ms that it may take. */
  limitMs: number;
  /** Called once, when INIT_REPORT has been written. */
  over: (outcome: InitPhaseOutcome) => void;
}

export interface InitPhaseOutcome {
  durationMs: number;
  /** Absent when the runtime and all extensions have asked for their first event. */
  failure?: InitFailure;
}

/**
 * One attempt at the init phase, from the guest's start until the runtime and all extensions wait for events
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib).
 */
export class InitPhase implements Phase {
  readonly startedAt = performance.now();
  readonly #options: InitPhaseOptions;
  readonly #timer: NodeJS.Timeout;
  #over = false;
  #runtimeReady = false;

  constructor(options: InitPhaseOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#failed({ status: "timeout", errorType: "Sandbox.Timedout" }), options.limitMs);
  }

  ready(): void {
    this.#options.guest.extensions.close();
    this.#runtimeReady = true;
    this.extensionsChanged();
  }

  extensionsChanged(): void {
    const { guest, log, phase, over } = this.#options;
    if (this.#over || !this.#runtimeReady || !guest.extensions.ready) return;
    this.stop();
    const durationMs = performance.now() - this.startedAt;
    log.platform.initRuntimeDone({ phase, status: "success" });
    for (const extension of guest.extensions.describe()) log.platform.extension(extension);
    log.platform.initReport({ phase, status: "success", durationMs });
    guest.telemetry.close();
    over({ durationMs });
  }

  extensionExited(fault: Fault): void {
    this.#lost(fault);
  }

  initFailed(reported: FunctionFailure): void {
    this.#failed({ status: "error", errorType: reported.type, reported });
  }

  exited(exit: JailExit): void {
    this.#lost(faultOf(exit), exit);
  }

  /** The first fatal error names the failure, also when something else has come of it. */
  #lost({ errorType, message }: Fault, exit?: JailExit): void {
    const fault = { errorType: this.#options.guest.extensions.fatal ?? errorType, message };
    this.#failed({ status: "error", errorType: fault.errorType, fault }, exit);
  }

  /** It waits for a snapshot, and for events after that. */
  restoreReady(): void {
    this.ready();
  }

  // There is no call yet, and it was not restored.
  restoreFailed(): void {}
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

  #failed(found: InitFailure, exit?: JailExit): void {
    if (this.#over) return;
    const { guest, log, phase, limitMs, over } = this.#options;
    const { status } = found;
    const durationMs = status === "timeout" ? limitMs : performance.now() - this.startedAt;
    this.stop();
    const whenRead = found.fault === undefined ? guest.output.drain : guest.output.drainToEnd;
    whenRead(() => {
      const launch = exit && guest.launchFault(exit);
      const failure = launch === undefined ? found : { ...found, errorType: launch.errorType, fault: launch };
      const { errorType } = failure;
      const outcome = { phase, status, ...(status === "timeout" ? {} : { errorType }) };
      log.platform.initRuntimeDone(outcome);
      for (const extension of guest.extensions.describe()) log.platform.extension(extension);
      log.platform.initReport({ ...outcome, durationMs });
      over({ durationMs, failure });
    });
  }
}
