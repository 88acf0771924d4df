/** A worker without jails for tests of the placement: its environments answer when the test says so. */
import type { Clock } from "../../base/clock.ts";
import { KilnError } from "../../base/errors.ts";
import {
  ENVIRONMENT_GONE,
  type Assignment,
  type Call,
  type CallResult,
  type Environment,
  type InitializationType,
  type RetireReason,
  type Worker,
} from "../../worker/contract.ts";

export class FakeEnvironment implements Environment {
  readonly id: string;
  readonly key: string;
  readonly createdAt: number;
  lastUsedAt: number;
  onChange: (() => void) | undefined;
  readonly gone: Promise<void>;
  retired: RetireReason | undefined;
  settling = false;
  frozen = false;
  worn = false;
  initialized: Promise<void> = Promise.resolve();
  initFailure: string | undefined;
  readonly initializationType: InitializationType;
  /** How many calls it has had. */
  calls = 0;
  /** Its next call is refused as by one that has just ended. */
  goneOnInvoke = false;
  cold = false;
  readonly #clock: Clock;
  readonly #begun: string[];
  #dead = false;
  #running: ((result: CallResult) => void) | undefined;
  #resolveGone: () => void;

  constructor(id: string, key: string, clock: Clock, type: InitializationType, begun: string[]) {
    this.#begun = begun;
    this.initializationType = type;
    this.id = id;
    this.key = key;
    this.#clock = clock;
    this.createdAt = this.lastUsedAt = clock();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.gone = promise;
    this.#resolveGone = resolve;
  }

  get alive(): boolean {
    return !this.#dead && this.retired === undefined;
  }

  get idle(): boolean {
    return this.alive && this.#running === undefined && !this.settling;
  }

  invoke({ requestId }: Call): Promise<CallResult> {
    if (this.goneOnInvoke || !this.alive || this.#running !== undefined) {
      this.die();
      return Promise.reject(new KilnError(ENVIRONMENT_GONE, "gone"));
    }
    this.calls += 1;
    this.#begun.push(requestId);
    return new Promise((resolve) => {
      this.#running = resolve;
    });
  }

  /** Ends the running call. With `settle`, the environment becomes idle only with `next`. */
  answer(settle = false): void {
    const resolve = this.#running;
    this.#running = undefined;
    this.lastUsedAt = this.#clock();
    this.settling = settle;
    resolve?.({
      payload: Buffer.from(this.id),
      status: "success",
      durationMs: 1,
      billedMs: 1,
      maxMemoryMB: 1,
    });
    if (this.retired !== undefined) this.die();
    else if (!settle) this.onChange?.();
  }

  next(): void {
    this.settling = false;
    this.onChange?.();
  }

  die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.onChange?.();
    this.#resolveGone();
  }

  retire(reason: RetireReason): Promise<void> {
    this.retired ??= reason;
    if (this.#running === undefined) this.die();
    return this.gone;
  }
}

export interface FakeWorker extends Worker {
  readonly environments: FakeEnvironment[];
  /** Environments that have not ended. */
  readonly alive: FakeEnvironment[];
  failNext: Error | undefined;
  /** While set, starts wait for it. */
  gate: Promise<void> | undefined;
  /** While set, the init phases of new environments end with it. */
  init: Promise<void> | undefined;
  /** Request ids of all calls that an environment has been given, in that order. */
  readonly begun: string[];
  /** Jails that are kept ready. */
  pooled: number;
  /** Error type with which the init phases of the next environments fail. */
  initFailure: string | undefined;
}

export function createFakeWorker(clock: Clock): FakeWorker {
  const environments: FakeEnvironment[] = [];
  const ended = new Set<FakeEnvironment>();
  const worker: FakeWorker = {
    environments,
    get alive() {
      return environments.filter((environment) => !ended.has(environment));
    },
    failNext: undefined,
    gate: undefined,
    initFailure: undefined,
    init: undefined,
    begun: [],
    pooled: 0,
    relieve() {
      const any = worker.pooled > 0;
      worker.pooled = 0;
      return any;
    },
    async start(assignment: Assignment) {
      await worker.gate;
      const error = worker.failNext;
      worker.failNext = undefined;
      if (error !== undefined) throw error;
      const environment = new FakeEnvironment(
        `e${environments.length}`,
        assignment.key,
        clock,
        assignment.initializationType ?? "on-demand",
        worker.begun,
      );
      environment.initFailure = worker.initFailure;
      if (worker.init !== undefined) environment.initialized = worker.init;
      environments.push(environment);
      void environment.gone.then(() => ended.add(environment));
      return environment;
    },
    async close() {
      await Promise.all(environments.map((environment) => environment.retire("spindown")));
    },
  };
  return worker;
}
