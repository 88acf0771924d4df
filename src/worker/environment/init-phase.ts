import { performance } from "node:perf_hooks";
import type { JailExit } from "../../sandbox/contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { FunctionFailure } from "../runtime-api/index.ts";
import type { InitFailure } from "./endings.ts";
import type { Guest } from "./guest.ts";
import { faultOf } from "./outcome.ts";
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
  /** Absent when the runtime has asked for its first event. */
  failure?: InitFailure;
}

/**
 * One attempt at the init phase, from the guest's start to its first request for an event
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib).
 */
export class InitPhase implements Phase {
  readonly startedAt = performance.now();
  readonly #options: InitPhaseOptions;
  readonly #timer: NodeJS.Timeout;
  #over = false;

  constructor(options: InitPhaseOptions) {
    this.#options = options;
    this.#timer = setTimeout(() => this.#failed({ status: "timeout", errorType: "Sandbox.Timedout" }), options.limitMs);
  }

  ready(): void {
    if (this.#over) return;
    this.stop();
    const { log, phase, over } = this.#options;
    const durationMs = performance.now() - this.startedAt;
    if (phase === "init") log.platform.initReport({ phase, status: "success", durationMs });
    over({ durationMs });
  }

  initFailed(reported: FunctionFailure): void {
    this.#failed({ status: "error", errorType: reported.type, reported });
  }

  exited(exit: JailExit): void {
    const fault = faultOf(exit);
    this.#failed({ status: "error", errorType: fault.errorType, fault });
  }

  // There is no call yet.
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

  #failed(failure: InitFailure): void {
    if (this.#over) return;
    const { guest, log, phase, limitMs, over } = this.#options;
    const { status, errorType } = failure;
    const durationMs = status === "timeout" ? limitMs : performance.now() - this.startedAt;
    this.stop();
    const whenRead = failure.fault === undefined ? guest.output.drain : guest.output.drainToEnd;
    whenRead(() => {
      log.platform.initReport({ phase, status, durationMs, ...(status === "timeout" ? {} : { errorType }) });
      over({ durationMs, failure });
    });
  }
}
