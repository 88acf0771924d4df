import { performance } from "node:perf_hooks";
import { KilnError, messageOf } from "../../base/errors.ts";
import { vcpusFor } from "../../base/vcpus.ts";
import {
  ENVIRONMENT_GONE,
  type Assignment,
  type Call,
  type CallResult,
  type Environment,
  type RetireReason,
} from "../contract.ts";
import type { KeptTmp } from "../../sandbox/contract.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { RestoreTimes } from "../logs/platform-log.ts";
import type { ShutdownReason } from "../extensions-api/index.ts";
import { CallPhase, type AfterCall } from "./call-phase.ts";
import { answerOf, writeUp, type Ending, type Figures } from "./call-report.ts";
import { failedInitEnding } from "./endings.ts";
import type { Guest } from "./guest.ts";
import { InitPhase, type InitPhaseOutcome } from "./init-phase.ts";
import { createMemoryGauge, type MemoryGauge } from "./memory.ts";
import { createPatience } from "./patience.ts";
import { restPhase, type Phase } from "./phase.ts";
import { RestorePhase, type RestorePhaseOutcome } from "./restore-phase.ts";
import { shutDown } from "./shutdown.ts";
import { callsUntilWorn } from "./wear.ts";

/** AWS's bound of the init phase of an environment that a call waits for, */
const INIT_PHASE_MS = 10_000;
/**
 * and the least that an environment has which is kept ready, or whose snapshot is taken: 130 s, or the function's timeout where
 * that is longer.
 */
const AHEAD_INIT_PHASE_MS = 130_000;

/**
 * - `starting`: the runtime loads the function; a call may wait.
 * - `resetting`: the runtime could not load the function, or a call has failed: the guest is being taken down.
 * - `cold`: there is no guest; the next call starts one, in its own time (AWS's "suppressed init").
 * - `ready`: the runtime waits for an event.
 * - `calling`: a call is under way, or what comes after its answer. `dead`: the jail is going or gone.
 */
type State = "starting" | "resetting" | "cold" | "ready" | "calling" | "dead";

interface WaitingCall {
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
  /** A new guest for the next attempt. */
  restart: (tmp: KeptTmp | undefined) => Promise<Guest>;
  initPhaseMs: number;
  /** Present: the guest was made of a snapshot. ms that its machine took, and ms that its runtime and hooks may take. */
  restored?: { machineMs: number; limitMs: number } | undefined;
  initialized: (outcome: InitOutcome) => void;
  ended: (reason: RetireReason) => void;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib */
export function initPhaseMs({ initializationType, snapStart, timeoutSeconds }: Assignment): number {
  if (initializationType !== "provisioned-concurrency" && snapStart === undefined) return INIT_PHASE_MS;
  return Math.max(AHEAD_INIT_PHASE_MS, timeoutSeconds * 1000);
}

/**
 * One execution environment: one phase after the other, one guest after the other, one call at a time. What happens
 * within a phase is in the phase's own file; here is what follows what.
 */
export class ExecutionEnvironment implements Environment {
  readonly id: string;
  readonly key: string;
  readonly createdAt = Date.now();
  lastUsedAt = this.createdAt;
  onChange: (() => void) | undefined;
  initFailure: string | undefined;
  readonly gone: Promise<void>;
  readonly initialized: Promise<void>;

  readonly #options: EnvironmentOptions;
  #state: State = "starting";
  #guest: Guest;
  #memory: MemoryGauge;
  readonly #patience = createPatience();
  /** The phase that hears the guest. */
  #phase: Phase | undefined;
  /** The same, while it is a call's. */
  #calling: CallPhase | undefined;
  /** The call that has no answer yet. */
  #current: WaitingCall | undefined;
  /** The init phase runs on the call's own time, since then: monotonic ms. */
  #suppressedSince: number | undefined;
  #initMs: number | undefined;
  #restore: RestoreTimes | undefined;
  /** Why it could not be restored. */
  #unrestored: KilnError | undefined;
  #retiring: RetireReason | undefined;
  /** What the last guest has left in /tmp. */
  #tmp: KeptTmp | undefined;
  /** Nobody is asked to end in good order. */
  #killed = false;
  #callsLeft: number;
  /** The guest before this one, while it is being taken down, or a next one that is being made. */
  #leaving: Promise<void> = Promise.resolve();
  readonly #resolveInitialized: () => void;
  #resolveGone: () => void = () => undefined;
  #rejectGone: (reason: unknown) => void = () => undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.id = options.id;
    this.key = options.assignment.key;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.initialized = promise;
    this.#resolveInitialized = resolve;
    this.gone = new Promise((resolve, reject) => {
      this.#resolveGone = resolve;
      this.#rejectGone = reject;
    });
    // Who asks for `gone` or `retire` hears of a jail that could not be taken down; nobody has to ask.
    this.gone.catch(() => undefined);
    this.#callsLeft = callsUntilWorn(options.assignment.memoryMB);
    this.#guest = options.guest;
    this.#memory = createMemoryGauge(options.guest.jail, options.assignment.memoryMB);
    if (options.restored === undefined) this.#initialize("init", options.initPhaseMs);
    else this.#goOn(options.restored);
  }

  get idle(): boolean {
    const free = this.#state === "ready" || this.#state === "cold";
    return free && this.#current === undefined && this.#retiring === undefined;
  }

  get cold(): boolean {
    return this.#state === "cold";
  }

  get frozen(): boolean {
    return this.#guest.freezer.frozen;
  }

  get worn(): boolean {
    return this.#callsLeft <= 0;
  }

  get settling(): boolean {
    const soon = this.#calling?.stage === "finishing" || (this.#state === "resetting" && this.#current === undefined);
    return soon && this.#retiring === undefined;
  }

  get alive(): boolean {
    return this.#state !== "dead" && this.#calling?.stage !== "ending" && this.#retiring === undefined;
  }

  invoke(call: Call): Promise<CallResult> {
    if (this.#unrestored !== undefined) return Promise.reject(this.#unrestored);
    if (!this.alive || this.#current !== undefined) {
      return Promise.reject(new KilnError(ENVIRONMENT_GONE, `Execution environment ${this.id} takes no call now.`));
    }
    this.#callsLeft -= 1;
    return new Promise((resolve, reject) => {
      this.#current = { call, resolve, reject };
      if (call.tail) this.#options.log.startTail();
      if (this.#state === "ready") this.#run(call);
      else if (this.#state === "cold") this.#retryInit();
    });
  }

  retire(reason: RetireReason): Promise<void> {
    this.#retiring ??= reason;
    if (this.#current === undefined) this.#die(reason);
    return this.gone;
  }

  /** Ends it at once. A call that runs is answered as one whose runtime was killed. */
  kill(): Promise<void> {
    this.#retiring ??= "spindown";
    this.#killed = true;
    this.#calling?.kill();
    this.#die(this.#retiring);
    // It may be dead already, and its extensions be taking their time.
    void this.#guest.end().catch(() => undefined);
    return this.gone;
  }

  /** The guest is heard by this phase alone from now on. */
  #enter<P extends Phase>(phase: P): P {
    this.#phase?.stop();
    this.#phase = phase;
    this.#calling = phase instanceof CallPhase ? phase : undefined;
    this.#guest.listen(phase);
    return phase;
  }

  #goOn(restored: { machineMs: number; limitMs: number }): void {
    const { log } = this.#options;
    const guest = this.#guest;
    log.attach(guest.telemetry);
    const phase = new RestorePhase({ guest, log, ...restored, over: (outcome) => this.#wentOn(outcome) });
    guest.logTo({ runtime: (line) => log.line(line), extension: (line) => log.extensionLine(line) });
    this.#enter(phase);
  }

  #wentOn(outcome: RestorePhaseOutcome): void {
    const { assignment, initialized } = this.#options;
    if (this.#state !== "starting") return;
    this.#resolveInitialized();
    if (outcome.failure === undefined) {
      this.#restore = outcome.times;
      initialized({ initMs: outcome.times.durationMs });
      this.#guest.jail.setVcpus?.(vcpusFor(assignment.memoryMB));
      this.#becomeReady();
      return;
    }
    this.#unrestored = outcome.failure;
    initialized({ initMs: 0, errorType: `Runtime.SnapStart.${outcome.failure.fault}` });
    this.#current?.reject(outcome.failure);
    this.#current = undefined;
    this.#die("failed");
  }

  #initialize(phase: "init" | "invoke", limitMs: number): InitPhase {
    const { log } = this.#options;
    const guest = this.#guest;
    log.attach(guest.telemetry);
    log.platform.initStart(phase);
    guest.logTo({ runtime: (line) => log.line(line), extension: (line) => log.extensionLine(line) });
    return this.#enter(
      new InitPhase({ guest, log, phase, limitMs, over: (outcome) => this.#initialized(phase, outcome) }),
    );
  }

  #initialized(phase: "init" | "invoke", { durationMs, failure }: InitPhaseOutcome): void {
    const { assignment, initialized } = this.#options;
    if (this.#state !== "starting") return;
    this.#resolveInitialized();
    initialized({ initMs: durationMs, ...(failure === undefined ? {} : { errorType: failure.errorType }) });
    if (failure === undefined) {
      this.#guest.jail.setVcpus?.(vcpusFor(assignment.memoryMB));
      if (phase === "init") this.#initMs = durationMs;
      this.#becomeReady();
    } else if (phase === "init") {
      this.initFailure = failure.errorType;
      this.#reset("failure");
    } else {
      const { timeoutSeconds } = assignment;
      const requestId = this.#current?.call.requestId;
      if (requestId !== undefined) {
        const times = { durationMs, timeoutSeconds };
        this.#conclude(failedInitEnding(this.#options.log.platform, requestId, failure, times));
      }
      this.#die("failed");
    }
  }

  /**
   * The guest goes; the environment stays, with its log and its /tmp, and the next call starts a new guest on its own time.
   * AWS: "The Lambda reset does not clear the /tmp directory content prior to the next init phase."
   */
  #reset(why: ShutdownReason): void {
    this.#state = "resetting";
    this.#phase?.stop();
    this.#calling = undefined;
    this.#tmp = this.#guest.jail.keepTmp?.();
    this.#leaving = shutDown(this.#guest, why);
    this.#leaving.then(
      () => {
        if (this.#state !== "resetting") return;
        this.#state = "cold";
        if (this.#current !== undefined) this.#retryInit();
        else if (this.#retiring !== undefined) this.#die(this.#retiring);
        else this.onChange?.();
      },
      () => this.#die("failed"),
    );
  }

  /** An init phase on the time of the call that waits (AWS's "suppressed init"). */
  #retryInit(): void {
    const { assignment, restart } = this.#options;
    this.#state = "starting";
    const tmp = this.#tmp;
    this.#tmp = undefined;
    const restarted = restart(tmp);
    this.#leaving = restarted.then(
      (guest) => (this.#state === "dead" ? guest.end() : undefined),
      () => undefined,
    );
    restarted.then(
      (guest) => {
        if (this.#state !== "starting") return;
        this.#guest = guest;
        this.#memory = createMemoryGauge(guest.jail, assignment.memoryMB);
        this.#suppressedSince = this.#initialize("invoke", assignment.timeoutSeconds * 1000).startedAt;
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

  #becomeReady(): void {
    this.#state = "ready";
    this.#enter(restPhase(() => this.#die("failed")));
    if (this.#current !== undefined) this.#run(this.#current.call);
    else if (this.#retiring !== undefined) this.#die(this.#retiring);
    else {
      this.#guest.freezer.idle();
      this.onChange?.();
    }
  }

  #run(call: Call): void {
    const { assignment, log } = this.#options;
    this.#state = "calling";
    this.#guest.freezer.busy();
    this.#enter(
      new CallPhase({
        guest: this.#guest,
        log,
        call,
        timeoutSeconds: assignment.timeoutSeconds,
        patience: this.#patience,
        startedAt: this.#suppressedSince ?? performance.now(),
        answered: (ending) => this.#answer(ending),
        concluded: (ending) => this.#concluded(ending),
        over: (after) => this.#afterCall(after),
      }),
    );
  }

  #afterCall(after: AfterCall): void {
    const { initializationType, snapStart } = this.#options.assignment;
    const kept = initializationType === "provisioned-concurrency" || snapStart !== undefined;
    if (after === "free") this.#becomeReady();
    // One that is kept ready is replaced by one that is ready, one of a snapshot by another of it.
    else if (kept || this.#retiring !== undefined) this.#die("failed", after);
    else this.#reset(after);
  }

  /** Answers a caller who need not wait for extensions. Who wants the log's end does. */
  #answer(ending: Ending): void {
    const running = this.#current;
    if (running === undefined || running.call.tail) return;
    running.resolve(answerOf(ending, this.#figures(ending)));
  }

  #figures(ending: Ending): Figures {
    const { assignment } = this.#options;
    const outOfMemory = ending.errorType === "Runtime.OutOfMemory";
    return {
      maxMemoryMB: outOfMemory ? assignment.memoryMB : this.#memory.read(ending.durationMs),
      initMs: this.#initMs,
      restore: this.#restore,
      ahead: assignment.initializationType === "provisioned-concurrency",
    };
  }

  #concluded(ending: Ending): void {
    this.#conclude(ending);
    if (this.#retiring !== undefined) this.#die(this.#retiring);
  }

  /** Writes the call up, and answers the caller. */
  #conclude(ending: Ending): void {
    const running = this.#current;
    if (running === undefined) return;
    const figures = this.#figures(ending);
    this.#initMs = undefined;
    this.#restore = undefined;
    this.#suppressedSince = undefined;
    this.#current = undefined;
    this.lastUsedAt = Date.now();
    running.resolve(writeUp(this.#options.log, running.call, ending, figures));
  }

  /** @param why What extensions are told. */
  #die(reason: RetireReason, why: ShutdownReason = reason === "failed" ? "failure" : "spindown"): void {
    if (this.#state === "dead") return;
    const resetting = this.#state === "resetting";
    this.#state = "dead";
    this.#resolveInitialized();
    this.#phase?.stop();
    // A call that was handed in before the runtime asked for it has not been seen by the function.
    this.#current?.reject(new KilnError(ENVIRONMENT_GONE, `Execution environment ${this.id} has ended.`));
    this.#current = undefined;
    const { log, ended } = this.#options;
    const guest = this.#guest;
    const end = this.#killed ? guest.end() : resetting ? undefined : shutDown(guest, why);
    this.#left(end)
      .then(() => this.#resolveGone(), this.#rejectGone)
      .finally(() => {
        log.close();
        ended(this.#retiring ?? reason);
      })
      .catch(() => undefined);
    this.onChange?.();
  }

  /** Nothing is left of it once this is over. */
  async #left(end: Promise<void> | undefined): Promise<void> {
    try {
      await Promise.all([this.#leaving, end]);
    } finally {
      await this.#tmp?.release();
    }
  }
}
