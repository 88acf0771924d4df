import { performance } from "node:perf_hooks";
import { KilnError, messageOf } from "../../base/errors.ts";
import { vcpusFor } from "../../base/vcpus.ts";
import type { JailExit } from "../../sandbox/contract.ts";
import {
  ENVIRONMENT_GONE,
  type Assignment,
  type Call,
  type CallResult,
  type Environment,
  type RetireReason,
} from "../contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import { writeUp, type Ending } from "./call-report.ts";
import { crashedEnding, failedInitEnding, killedEnding, timedOutEnding, type InitFailure } from "./endings.ts";
import type { Guest } from "./guest.ts";
import { createMemoryGauge, type MemoryGauge } from "./memory.ts";
import { faultOf, type Fault } from "./outcome.ts";

/** AWS's bound of the init phase of an environment that a call waits for, */
const INIT_PHASE_MS = 10_000;
/** and the least that an environment has which is kept ready: 130 s, or the function's timeout where that is longer. */
const PROVISIONED_INIT_PHASE_MS = 130_000;

const INIT_TIMED_OUT: InitFailure = { status: "timeout", errorType: "Sandbox.Timedout" };
/** A runtime that has answered gets at least this long to ask for its next event. */
const AFTERWARDS_MS = 1000;

/**
 * - `starting`: the runtime loads the function; a call may wait.
 * - `init-failed`: it could not; the next call tries once more, in its own time (AWS's "suppressed init").
 * - `ready`: the runtime waits for an event.
 * - `running`: it has one.
 * - `finishing`: the answer is there; its log is drained, and the runtime has not asked for the next event yet.
 * - `ending`: the last call is being concluded. `dead`: the jail is going or gone.
 */
type State = "starting" | "init-failed" | "ready" | "running" | "finishing" | "ending" | "dead";

interface RunningCall {
  call: Call;
  resolve(result: CallResult): void;
  reject(error: KilnError): void;
}

/** The init phase as the events tell it. */
export interface InitOutcome {
  initMs: number;
  /** Absent when it succeeded. */
  errorType?: string;
}

export interface EnvironmentOptions {
  id: string;
  assignment: Assignment;
  log: EnvironmentLog;
  /** The guest whose init phase starts now. */
  guest: Guest;
  /** A new guest for the second attempt. */
  restart: () => Promise<Guest>;
  initPhaseMs: number;
  initialized: (outcome: InitOutcome) => void;
  ended: (reason: RetireReason) => void;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
export function initPhaseMs({ initializationType, timeoutSeconds }: Assignment): number {
  if (initializationType !== "provisioned-concurrency") return INIT_PHASE_MS;
  return Math.max(PROVISIONED_INIT_PHASE_MS, timeoutSeconds * 1000);
}

/** One execution environment: a state machine over at most two guests, one call at a time. */
export class ExecutionEnvironment implements Environment {
  readonly id: string;
  readonly key: string;
  readonly createdAt = Date.now();
  lastUsedAt = this.createdAt;
  onChange: (() => void) | undefined;
  initFailure: string | undefined;
  readonly gone: Promise<void>;

  readonly #options: EnvironmentOptions;
  #state: State = "starting";
  #guest: Guest;
  #memory: MemoryGauge;
  #current: RunningCall | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the phase of the current attempt, or the current call, started: monotonic ms. */
  #startedAt = performance.now();
  /** Second attempt: the init phase runs on the call's own time. */
  #suppressed = false;
  #initMs: number | undefined;
  /** The init phase has failed, and its end is being written up. */
  #initOver = false;
  #drained = true;
  #asked = false;
  #guestExited = false;
  #retiring: RetireReason | undefined;
  /** Guests of failed attempts that are still being taken down. */
  readonly #leaving: Promise<void>[] = [];
  #resolveGone: () => void = () => undefined;
  #rejectGone: (reason: unknown) => void = () => undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.id = options.id;
    this.key = options.assignment.key;
    this.gone = new Promise((resolve, reject) => {
      this.#resolveGone = resolve;
      this.#rejectGone = reject;
    });
    // Who asks for `gone` or `retire` hears of a jail that could not be taken down; nobody has to ask.
    this.gone.catch(() => undefined);
    this.#guest = options.guest;
    this.#memory = createMemoryGauge(options.guest.jail, options.assignment.memoryMB);
    options.log.platform.initStart();
    this.#timer = setTimeout(() => this.#initFailed(INIT_TIMED_OUT), options.initPhaseMs);
    this.#attach(options.guest);
  }

  get idle(): boolean {
    const free = this.#state === "ready" || this.#state === "init-failed";
    return free && this.#current === undefined && this.#retiring === undefined;
  }

  get settling(): boolean {
    return this.#state === "finishing" && this.#retiring === undefined;
  }

  get alive(): boolean {
    return this.#state !== "dead" && this.#state !== "ending" && this.#retiring === undefined;
  }

  invoke(call: Call): Promise<CallResult> {
    if (!this.alive || this.#current !== undefined) {
      return Promise.reject(new KilnError(ENVIRONMENT_GONE, `Execution environment ${this.id} takes no call now.`));
    }
    return new Promise((resolve, reject) => {
      this.#current = { call, resolve, reject };
      if (call.tail) this.#options.log.startTail();
      if (this.#state === "ready") this.#run(call);
      else if (this.#state === "init-failed") this.#retryInit();
    });
  }

  retire(reason: RetireReason): Promise<void> {
    this.#retiring ??= reason;
    if (this.#current === undefined && this.#state !== "ending") this.#die(reason);
    return this.gone;
  }

  /** Ends it at once. A call that runs is answered as one whose runtime was killed. */
  kill(): Promise<void> {
    this.#retiring ??= "spindown";
    const running = this.#current;
    if (running === undefined) this.#die(this.#retiring);
    else if (this.#state !== "ending") {
      const durationMs = performance.now() - this.#startedAt;
      this.#conclude(killedEnding(this.#options.log.platform, running.call.requestId, durationMs));
      this.#die(this.#retiring);
    }
    return this.gone;
  }

  /** Hears a guest. Whatever an earlier guest still says is not for this environment any more. */
  #attach(guest: Guest): void {
    const { log } = this.#options;
    guest.output.onLine = (line) => log.line(line);
    guest.listen({
      ready: () => this.#ready(),
      responded: (payload) => this.#answered({ payload, failed: false }),
      failed: ({ payload }) => this.#answered({ payload, failed: true }),
      initFailed: (reported) => this.#initFailed({ status: "error", errorType: reported.type, reported }),
      exited: (exit) => this.#exited(exit),
    });
  }

  #ready(): void {
    if (this.#state === "finishing") {
      this.#asked = true;
      if (this.#drained) this.#becomeReady();
      return;
    }
    if (this.#state !== "starting" || this.#initOver) return;
    const elapsedMs = performance.now() - this.#startedAt;
    const { assignment, initialized } = this.#options;
    this.#guest.jail.setVcpus?.(vcpusFor(assignment.memoryMB));
    if (!this.#suppressed) {
      clearTimeout(this.#timer);
      this.#initMs = elapsedMs;
      this.#options.log.platform.initReport({ phase: "init", status: "success", durationMs: elapsedMs });
    }
    initialized({ initMs: elapsedMs });
    this.#becomeReady();
  }

  #becomeReady(): void {
    clearTimeout(this.#timer);
    this.#state = "ready";
    if (this.#current !== undefined) this.#run(this.#current.call);
    else if (this.#retiring !== undefined) this.#die(this.#retiring);
    else this.onChange?.();
  }

  #run(call: Call): void {
    const { assignment, log } = this.#options;
    // The second attempt at the init phase has used some of the call's time already.
    if (!this.#suppressed) this.#startedAt = performance.now();
    const leftMs = assignment.timeoutSeconds * 1000 - (performance.now() - this.#startedAt);
    this.#timer = setTimeout(() => this.#timedOut(), leftMs);
    this.#state = "running";
    log.platform.start(call.requestId);
    this.#guest.api.give({
      requestId: call.requestId,
      deadlineMs: Math.floor(Date.now() + leftMs),
      invokedArn: call.invokedArn,
      traceId: call.traceId,
      ...(call.clientContext === undefined ? {} : { clientContext: call.clientContext }),
      ...(call.cognitoIdentity === undefined ? {} : { cognitoIdentity: call.cognitoIdentity }),
      payload: call.payload,
    });
  }

  #answered({ payload, failed }: { payload: Uint8Array; failed: boolean }): void {
    if (this.#state !== "running") return;
    const durationMs = performance.now() - this.#startedAt;
    clearTimeout(this.#timer);
    this.#state = "finishing";
    this.#drained = false;
    this.#asked = false;
    this.#guest.output.drain(() => {
      this.#drained = true;
      this.#conclude({ payload, failed, status: "success", durationMs });
      if (this.#state !== "finishing") return;
      if (this.#guestExited || this.#retiring !== undefined) this.#die(this.#retiring ?? "failed");
      else if (this.#asked) this.#becomeReady();
      else this.#awaitNext(durationMs);
    });
  }

  /** What is left of the call's time is for work that the runtime does after its answer; then it is given up. */
  #awaitNext(usedMs: number): void {
    const leftMs = this.#options.assignment.timeoutSeconds * 1000 - usedMs;
    this.#timer = setTimeout(() => this.#die("failed"), Math.max(leftMs, AFTERWARDS_MS));
  }

  /** Answers the caller. */
  #conclude(ending: Ending): void {
    const running = this.#current;
    if (running === undefined) return;
    const { assignment, log } = this.#options;
    const initMs = this.#initMs;
    const outOfMemory = ending.errorType === "Runtime.OutOfMemory";
    const maxMemoryMB = outOfMemory ? assignment.memoryMB : this.#memory.read(ending.durationMs);
    this.#initMs = undefined;
    this.#suppressed = false;
    this.#current = undefined;
    this.lastUsedAt = Date.now();
    running.resolve(
      writeUp(log, running.call, ending, {
        maxMemoryMB,
        initMs,
        ahead: assignment.initializationType === "provisioned-concurrency",
      }),
    );
  }

  #timedOut(): void {
    const running = this.#current;
    if (running === undefined || this.#initOver) return;
    const { assignment, log } = this.#options;
    const starting = this.#state === "starting";
    this.#state = "ending";
    this.#guest.output.drain(() => {
      this.#conclude(timedOutEnding(log.platform, running.call.requestId, assignment.timeoutSeconds, starting));
      this.#die("failed");
    });
  }

  #exited(exit: JailExit): void {
    const fault = faultOf(exit);
    switch (this.#state) {
      case "starting":
        this.#initFailed({ status: "error", errorType: fault.errorType, fault });
        break;
      case "running":
        this.#crashed(fault);
        break;
      case "finishing":
        // The answer is there, though it may still be being written up: that comes first.
        this.#guestExited = true;
        if (this.#drained) this.#die("failed");
        break;
      case "ready":
        this.#die("failed");
        break;
      case "init-failed":
      case "ending":
      case "dead":
        break;
    }
  }

  #crashed(fault: Fault): void {
    const running = this.#current;
    if (running === undefined) return;
    clearTimeout(this.#timer);
    const durationMs = performance.now() - this.#startedAt;
    this.#state = "ending";
    this.#guest.output.drainToEnd(() => {
      this.#conclude(crashedEnding(this.#options.log.platform, running.call.requestId, fault, durationMs));
      this.#die("failed");
    });
  }

  #initFailed(why: InitFailure): void {
    if (this.#state !== "starting" || this.#initOver) return;
    clearTimeout(this.#timer);
    const durationMs = performance.now() - this.#startedAt;
    const suppressed = this.#suppressed;
    this.#initOver = true;
    const guest = this.#guest;
    const { output } = guest;
    const whenRead = why.fault === undefined ? output.drain : output.drainToEnd;
    whenRead(() => {
      if (this.#state !== "starting") return;
      this.#options.log.platform.initReport({
        phase: suppressed ? "invoke" : "init",
        status: why.status,
        durationMs,
        ...(why.status === "timeout" ? {} : { errorType: why.errorType }),
      });
      this.#options.initialized({ initMs: durationMs, errorType: why.errorType });
      if (suppressed) this.#concludeFailedInit(why, durationMs);
      else this.#afterFailedInit(guest, why.errorType);
    });
  }

  /** The first attempt failed: its guest goes, and a call that waits already starts the second. */
  #afterFailedInit(guest: Guest, errorType: string): void {
    this.initFailure = errorType;
    this.#leaving.push(guest.end());
    this.#state = "init-failed";
    this.#initOver = false;
    if (this.#current !== undefined) this.#retryInit();
    else if (this.#retiring !== undefined) this.#die(this.#retiring);
    else this.onChange?.();
  }

  #concludeFailedInit(why: InitFailure, durationMs: number): void {
    const running = this.#current;
    if (running === undefined) return;
    this.#conclude(failedInitEnding(this.#options.log.platform, running.call.requestId, why, durationMs));
    this.#die("failed");
  }

  /** The one retry of the init phase, on the time of the call that waits. */
  #retryInit(): void {
    const { assignment, restart } = this.#options;
    this.#state = "starting";
    this.#suppressed = true;
    const restarted = restart();
    this.#leaving.push(
      restarted.then(
        (guest) => (this.#state === "dead" ? guest.end() : undefined),
        () => undefined,
      ),
    );
    restarted.then(
      (guest) => {
        if (this.#state !== "starting") return;
        this.#guest = guest;
        this.#memory = createMemoryGauge(guest.jail, assignment.memoryMB);
        this.#startedAt = performance.now();
        this.#timer = setTimeout(() => this.#timedOut(), assignment.timeoutSeconds * 1000);
        this.#attach(guest);
      },
      (error: unknown) => {
        const running = this.#current;
        this.#current = undefined;
        running?.reject(
          error instanceof KilnError ? error : new KilnError("SANDBOX_FAILED", messageOf(error), { cause: error }),
        );
        this.#die("failed");
      },
    );
  }

  #die(reason: RetireReason): void {
    if (this.#state === "dead") return;
    this.#state = "dead";
    clearTimeout(this.#timer);
    // A call that was handed in before the runtime asked for it has not been seen by the function.
    this.#current?.reject(new KilnError(ENVIRONMENT_GONE, `Execution environment ${this.id} has ended.`));
    this.#current = undefined;
    const { log, ended } = this.#options;
    const guest = this.#guest;
    Promise.all([...this.#leaving, guest.end()])
      .then(() => this.#resolveGone(), this.#rejectGone)
      .finally(() => {
        log.close();
        ended(this.#retiring ?? reason);
      })
      .catch(() => undefined);
    this.onChange?.();
  }
}
