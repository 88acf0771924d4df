import { performance } from "node:perf_hooks";
import type { JailExit } from "../../sandbox/contract.ts";
import type { Call, ResponseSink } from "../contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { FunctionFailure, StreamEnd } from "../runtime-api/index.ts";
import { producedBytes, type Ending } from "./call-report.ts";
import { crashedEnding, killedEnding, timedOutEnding } from "./endings.ts";
import type { Guest } from "./guest.ts";
import { faultOf, type Fault } from "./outcome.ts";
import type { Patience } from "./patience.ts";
import type { Phase } from "./phase.ts";
import { createCallStream, type CallStream } from "./stream.ts";

/** A runtime that hangs up inside its answer is dead, as a rule: this long its exit is waited for, which says how. */
const EXIT_NEWS_MS = 100;
/** A runtime that has answered gets at least this long to ask for its next event. */
const AFTERWARDS_MS = 1000;

/** Free for the next call, or why its guest is of no use any more. */
export type AfterCall = "free" | "timeout" | "failure";

export interface CallPhaseOptions {
  guest: Guest;
  log: EnvironmentLog;
  call: Call;
  timeoutSeconds: number;
  /** The environment's, for whichever call it has. */
  patience: Patience;
  /** When the call's time began: monotonic ms. Earlier than now when an init phase has run on it. */
  startedAt: number;
  /** The answer, where extensions go on working after it: the caller need not wait for them. */
  answered: (ending: Ending) => void;
  /** The call's end. What the function has written is in the log, END and REPORT are not. */
  concluded: (ending: Ending) => void;
  over: (after: AfterCall) => void;
}

/**
 * - `running`: the runtime has the event.
 * - `finishing`: it has answered; its log is drained, and it has not asked for the next event yet, or an extension has not.
 * - `ending`: the call ends without the runtime; the last of the log is drained.
 */
type Stage = "running" | "finishing" | "ending";

/**
 * One call, from the event until the runtime and all extensions ask for the next
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke).
 */
export class CallPhase implements Phase {
  readonly #options: CallPhaseOptions;
  #stage: Stage = "running";
  #stopped = false;
  /** The runtime's answer, once there is one. */
  #answer: Ending | undefined;
  #drained = false;
  #asked = false;
  /** Extensions went on working after the answer. */
  #overtime = false;
  #concluded = false;
  /** The answer has begun to be streamed. */
  #stream: CallStream | undefined;
  /** Set while it is open whether a runtime that has hung up is dead: ends the call as one whose runtime lives on. */
  #livesOn: (() => void) | undefined;
  /** The call's time was over before its answer was written up. */
  #late = false;
  /** The runtime has gone after its answer. */
  #exited = false;
  /** An extension has gone after the answer. */
  #fault: Fault | undefined;

  /** Writes START and hands the event over. */
  constructor(options: CallPhaseOptions) {
    this.#options = options;
    const { guest, log, call, timeoutSeconds, patience, startedAt } = options;
    const leftMs = timeoutSeconds * 1000 - (performance.now() - startedAt);
    // The function's timeout; after the end of the call, the patience is with its runtime.
    patience.start(leftMs, () => this.#timedOut());
    log.platform.start(call.requestId, call.traceId);
    const { requestId, invokedArn, traceId } = call;
    const deadlineMs = Math.floor(Date.now() + leftMs);
    if (guest.extensions.count > 0) guest.extensions.invoke({ requestId, deadlineMs, invokedArn, traceId });
    guest.api.give({
      requestId,
      deadlineMs,
      invokedArn,
      traceId,
      ...(call.clientContext === undefined ? {} : { clientContext: call.clientContext }),
      ...(call.cognitoIdentity === undefined ? {} : { cognitoIdentity: call.cognitoIdentity }),
      ...(call.tenantId === undefined ? {} : { tenantId: call.tenantId }),
      payload: call.payload,
    });
  }

  get stage(): Stage {
    return this.#stage;
  }

  responded(payload: Uint8Array): void {
    this.#answered(payload, false);
  }

  streaming(contentType: string): ResponseSink | undefined {
    const { call } = this.#options;
    if (this.#stage !== "running" || call.stream === undefined) return undefined;
    this.#stream = createCallStream(call.stream(contentType));
    return this.#stream.sink;
  }

  streamed({ failure, hungUp }: StreamEnd): void {
    const cut = failure?.by === "cut" ? failure.type : undefined;
    const answered = (): void => {
      this.#livesOn = undefined;
      this.#answered(failure?.payload ?? Buffer.alloc(0), failure !== undefined, cut);
    };
    if (hungUp !== true) answered();
    else {
      this.#livesOn = answered;
      setTimeout(() => this.#livesOn?.(), EXIT_NEWS_MS);
    }
  }

  failed({ payload }: FunctionFailure): void {
    this.#answered(payload, true);
  }

  ready(): void {
    this.#livesOn?.();
    if (this.#stage !== "finishing") return;
    this.#asked = true;
    this.#settle();
  }

  extensionsChanged(): void {
    if (this.#stage === "finishing") this.#settle();
  }

  exited(exit: JailExit): void {
    // An answer that is there already may still be being written up: that comes first.
    this.#exited = true;
    if (this.#stage === "finishing") this.#settle();
    else if (this.#stage === "running") this.#crashed(faultOf(exit));
  }

  extensionExited(fault: Fault): void {
    this.#fault ??= fault;
    if (this.#stage === "finishing") this.#settle();
    else if (this.#stage === "running") this.#crashed(fault);
  }

  // The init phase is over.
  initFailed(): void {}
  restoreReady(): void {}
  restoreFailed(): void {}

  stop(): void {
    if (!this.#stopped) this.#options.patience.stop();
    this.#stopped = true;
  }

  /** The worker gives the environment up: ends the call, if it has no end yet, as one whose runtime was killed. */
  kill(): void {
    const { log, call } = this.#options;
    if (this.#stopped || this.#concluded) return;
    this.stop();
    this.#conclude(killedEnding(log.platform, call.requestId, this.#elapsedMs()));
  }

  #elapsedMs(): number {
    return performance.now() - this.#options.startedAt;
  }

  /** What the function did after its answer changes nothing about the answer. */
  #conclude(ending: Ending): void {
    this.#concluded = true;
    const { runtimeDone = false, streamed } = this.#answer ?? this.#stream?.end(ending) ?? ending;
    this.#options.concluded({ ...ending, runtimeDone, ...(streamed === undefined ? undefined : { streamed }) });
  }

  #answered(payload: Uint8Array, failed: boolean, cut?: string): void {
    if (this.#stage !== "running") return;
    const streamed = cut === undefined ? undefined : { streamed: { bytes: 0, cut } };
    const bytes = payload.length;
    const ending: Ending = { payload, bytes, failed, status: "success", durationMs: this.#elapsedMs(), ...streamed };
    const answer = this.#stream?.end(ending) ?? ending;
    this.#answer = answer;
    this.#stage = "finishing";
    const { guest } = this.#options;
    guest.output.drain(() => {
      if (this.#stopped) return;
      this.#drained = true;
      if (guest.extensions.busy) {
        this.#overtime = true;
        this.#options.answered(answer);
      }
      this.#settle();
      if (this.#late && !this.#concluded) this.#timedOut();
    });
  }

  /** After every step that follows the answer: whether it was the last one. */
  #settle(): void {
    const { guest, log, call } = this.#options;
    const answer = this.#answer;
    if (!this.#drained || this.#stopped || answer === undefined) return;
    if (this.#concluded) {
      if (this.#exited || this.#fault !== undefined) this.#over("failure");
      else if (this.#asked) this.#over("free");
      return;
    }
    if (guest.extensions.busy && !this.#exited) {
      if (this.#fault !== undefined) {
        this.#crashed(this.#fault);
      } else if (this.#asked && answer.runtimeDone !== true) {
        // Extensions wait for this before they end their own work.
        answer.runtimeDone = true;
        log.platform.runtimeDone({ ...answer, requestId: call.requestId, producedBytes: producedBytes(answer) });
      }
      return;
    }
    this.#options.patience.stop();
    // Work of extensions after the answer is time of the call.
    const durationMs = this.#overtime ? this.#elapsedMs() : answer.durationMs;
    this.#conclude({ ...answer, durationMs });
    this.#settle();
    if (!this.#stopped) this.#awaitNext(durationMs);
  }

  /** What is left of the call's time is for work that the runtime does after its answer; then it is given up. */
  #awaitNext(usedMs: number): void {
    const leftMs = this.#options.timeoutSeconds * 1000 - usedMs;
    this.#options.patience.start(Math.max(leftMs, AFTERWARDS_MS), () => this.#over("timeout"));
  }

  #over(after: AfterCall): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.over(after);
  }

  #timedOut(): void {
    const { guest, log, call, timeoutSeconds } = this.#options;
    // The answer is there, and is being written up.
    this.#late = this.#stage === "finishing" && !this.#drained;
    if (this.#late) return;
    this.#end("timeout", guest.output.drain, () => timedOutEnding(log.platform, call.requestId, timeoutSeconds));
  }

  #crashed({ errorType, message }: Fault): void {
    const { guest, log, call } = this.#options;
    const durationMs = this.#elapsedMs();
    const fault = { errorType: guest.extensions.fatal ?? errorType, message };
    const whenRead = guest.runtimeRuns ? guest.output.drain : guest.output.drainToEnd;
    this.#end("failure", whenRead, () => crashedEnding(log.platform, call.requestId, fault, durationMs));
  }

  #end(after: AfterCall, whenRead: (then: () => void) => void, ending: () => Ending): void {
    this.#options.patience.stop();
    this.#stage = "ending";
    whenRead(() => {
      if (this.#stopped) return;
      this.#conclude(ending());
      this.#over(after);
    });
  }
}
