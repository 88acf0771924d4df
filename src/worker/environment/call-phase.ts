import { performance } from "node:perf_hooks";
import type { JailExit } from "../../sandbox/contract.ts";
import type { Call, ResponseSink } from "../contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { FunctionFailure, StreamEnd } from "../runtime-api/index.ts";
import type { Ending } from "./call-report.ts";
import { crashedEnding, killedEnding, timedOutEnding } from "./endings.ts";
import type { Guest } from "./guest.ts";
import { faultOf } from "./outcome.ts";
import type { Phase } from "./phase.ts";
import { createCallStream, type CallStream } from "./stream.ts";

/** A runtime that hangs up inside its answer is dead, as a rule: this long its exit is waited for, which says how. */
const EXIT_NEWS_MS = 100;
/** A runtime that has answered gets at least this long to ask for its next event. */
const AFTERWARDS_MS = 1000;

export interface CallPhaseOptions {
  guest: Guest;
  log: EnvironmentLog;
  call: Call;
  timeoutSeconds: number;
  /** When the call's time began: monotonic ms. Earlier than now when an init phase has run on it. */
  startedAt: number;
  /** The call's one answer. What the function has written is in the log, END and REPORT are not. */
  concluded(ending: Ending): void;
  /** The environment is free for the next call, or its guest is of no use any more. */
  over(state: "free" | "lost"): void;
}

/**
 * - `running`: the runtime has the event.
 * - `finishing`: it has answered; its log is drained, and it has not asked for the next event yet.
 * - `ending`: there will be no answer; the last of the log is drained.
 */
type Stage = "running" | "finishing" | "ending";

/**
 * One call, from the event to the runtime's next request
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-invoke).
 */
export class CallPhase implements Phase {
  readonly #options: CallPhaseOptions;
  #stage: Stage = "running";
  #timer: NodeJS.Timeout;
  #stopped = false;
  #drained = false;
  #asked = false;
  #exited = false;
  /** The answer has begun to be streamed. */
  #stream: CallStream | undefined;
  /** Set while it is open whether a runtime that has hung up is dead: ends the call as one whose runtime lives on. */
  #livesOn: (() => void) | undefined;

  /** Writes START and hands the event over. */
  constructor(options: CallPhaseOptions) {
    this.#options = options;
    const { guest, log, call, timeoutSeconds, startedAt } = options;
    const leftMs = timeoutSeconds * 1000 - (performance.now() - startedAt);
    this.#timer = setTimeout(() => this.#timedOut(), leftMs);
    log.platform.start(call.requestId);
    guest.api.give({
      requestId: call.requestId,
      deadlineMs: Math.floor(Date.now() + leftMs),
      invokedArn: call.invokedArn,
      traceId: call.traceId,
      ...(call.clientContext === undefined ? {} : { clientContext: call.clientContext }),
      ...(call.cognitoIdentity === undefined ? {} : { cognitoIdentity: call.cognitoIdentity }),
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

  exited(exit: JailExit): void {
    // An answer that is there already may still be being written up: that comes first.
    this.#exited = true;
    if (this.#stage === "finishing") this.#settle();
    else if (this.#stage === "running") this.#crashed(exit);
  }

  // The init phase is over.
  initFailed(): void {}

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** The worker gives the environment up: answers the call, if it has no answer yet, as one whose runtime was killed. */
  kill(): void {
    const { log, call } = this.#options;
    if (this.#stopped || this.#drained) return;
    this.stop();
    this.#conclude(killedEnding(log.platform, call.requestId, this.#elapsedMs()));
  }

  #elapsedMs(): number {
    return performance.now() - this.#options.startedAt;
  }

  #conclude(ending: Ending): void {
    this.#options.concluded(this.#stream?.end(ending) ?? ending);
  }

  #answered(payload: Uint8Array, failed: boolean, cut?: string): void {
    if (this.#stage !== "running") return;
    const durationMs = this.#elapsedMs();
    clearTimeout(this.#timer);
    this.#stage = "finishing";
    this.#options.guest.output.drain(() => {
      if (this.#stopped) return;
      this.#drained = true;
      const streamed = cut === undefined ? undefined : { streamed: { bytes: 0, cut } };
      this.#conclude({ payload, failed, status: "success", durationMs, ...streamed });
      if (this.#asked || this.#exited) this.#settle();
      else if (!this.#stopped) this.#awaitNext(durationMs);
    });
  }

  /** What is left of the call's time is for work that the runtime does after its answer; then it is given up. */
  #awaitNext(usedMs: number): void {
    const leftMs = this.#options.timeoutSeconds * 1000 - usedMs;
    this.#timer = setTimeout(() => this.#over("lost"), Math.max(leftMs, AFTERWARDS_MS));
  }

  #settle(): void {
    if (this.#drained) this.#over(this.#exited ? "lost" : "free");
  }

  #over(state: "free" | "lost"): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.over(state);
  }

  #timedOut(): void {
    const { guest, log, call, timeoutSeconds } = this.#options;
    this.#end(guest.output.drain, () => timedOutEnding(log.platform, call.requestId, timeoutSeconds));
  }

  #crashed(exit: JailExit): void {
    const { guest, log, call } = this.#options;
    const durationMs = this.#elapsedMs();
    this.#end(guest.output.drainToEnd, () => crashedEnding(log.platform, call.requestId, faultOf(exit), durationMs));
  }

  #end(whenRead: (then: () => void) => void, ending: () => Ending): void {
    clearTimeout(this.#timer);
    this.#stage = "ending";
    whenRead(() => {
      if (this.#stopped) return;
      this.#drained = true;
      this.#conclude(ending());
      this.#over("lost");
    });
  }
}
