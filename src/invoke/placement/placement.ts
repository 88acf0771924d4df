import type { Clock } from "../../base/clock.ts";
import { KilnError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import {
  ENVIRONMENT_GONE,
  type Call,
  type CallResult,
  type Environment,
  type InitializationType,
  type RetireReason,
  type Worker,
} from "../../worker/contract.ts";
import { throttled } from "../admission/admission.ts";
import type { Target } from "../contract.ts";
import { Fleet } from "./fleet.ts";
import { createHostMemory, type HostMemory } from "./host-memory.ts";

export interface PlacementOptions {
  worker: Worker;
  clock: Clock;
  /** ms after its last call when an environment is ended. */
  idleMs: number;
  /** ms after its start when an environment takes no more calls. */
  maxAgeMs: number;
  /** MB that all environments together may have configured. */
  memoryMB: number;
  /** ms that a call waits for an environment that has just answered, before another one is started. */
  settleMs: number;
  /** Something failed that no caller waits for. */
  report: (error: unknown) => void;
}

/** Which environment runs a call: a warm one, one that is about to be free, or a new one. */
export interface Placement {
  run(scope: Scope, target: Target, call: Call): Promise<CallResult>;
  /** Ends the environments for which `retired` gives a reason, each after its running call. */
  retire(retired: (fleet: Fleet) => RetireReason | undefined): Promise<void>;
  fleets(): Iterable<Fleet>;
  /** Starts an environment that no call waits for, and that takes none before it is handed to `changed`. */
  startAhead(scope: Scope, target: Target): Promise<{ fleet: Fleet; environment: Environment }>;
  /** The environment may be free now, or be gone. */
  changed(fleet: Fleet, environment: Environment): void;
  close(): Promise<void>;
}

/** An environment can end between being chosen and being called; this often another one is tried. */
const ATTEMPTS = 5;

export function createPlacement(options: PlacementOptions): Placement {
  const { worker, clock } = options;
  const fleets = new Map<string, Fleet>();
  const memory: HostMemory = createHostMemory(options.memoryMB);
  /** Idle environments that were ended to make room, and still hold their memory. */
  let leaving = 0;
  const sweeper = setInterval(sweep, Math.max(10, Math.min(options.idleMs / 4, 10_000))).unref();

  function run(scope: Scope, target: Target, call: Call): Promise<CallResult> {
    const fleet = fleetOf(scope, target);
    const environment = takeIdle(fleet);
    if (environment === undefined) return runLater(fleet, target, call, ATTEMPTS);
    return watch(fleet, environment.invoke(call), target, call, ATTEMPTS);
  }

  async function runLater(fleet: Fleet, target: Target, call: Call, attempts: number): Promise<CallResult> {
    const environment = await waitFor(fleet, target);
    return watch(fleet, environment.invoke(call), target, call, attempts);
  }

  /** Follows a call in its environment. One that ended before its runtime saw the call loses nothing: try another. */
  function watch(
    fleet: Fleet,
    answer: Promise<CallResult>,
    target: Target,
    call: Call,
    attempts: number,
  ): Promise<CallResult> {
    return answer.catch((error: unknown) => {
      if (!(error instanceof KilnError) || error.code !== ENVIRONMENT_GONE || attempts <= 1) throw error;
      return runLater(fleetOf(fleet.scope, target), target, call, attempts - 1);
    });
  }

  function fleetOf(scope: Scope, target: Target): Fleet {
    let fleet = fleets.get(target.key);
    if (fleet === undefined) {
      fleet = new Fleet(target.key, scope, target.functionName, target.version);
      fleets.set(target.key, fleet);
    }
    return fleet;
  }

  function takeIdle(fleet: Fleet): Environment | undefined {
    for (;;) {
      const provisioned = fleet.provisionedIdle.pop();
      if (provisioned?.idle === true) return provisioned;
      if (provisioned !== undefined) continue;
      const environment = fleet.idle.pop();
      if (environment === undefined) return undefined;
      if (clock() - environment.createdAt >= options.maxAgeMs) end(environment, "age");
      else if (environment.idle) return environment;
    }
  }

  function waitFor(fleet: Fleet, target: Target): Promise<Environment> {
    return new Promise((resolve, reject) => {
      fleet.waiters.push({ resolve, reject });
      const { settling } = fleet;
      if (fleet.waiters.length > settling + fleet.starting) startMore(fleet, target);
      else if (settling > 0) setTimeout(() => startMore(fleet, target), options.settleMs);
    });
  }

  /** Starts one environment if a call waits for which none is under way. */
  function startMore(fleet: Fleet, target: Target): void {
    if (fleet.waiters.length <= fleet.starting) return;
    fleet.starting += 1;
    startOne(fleet, target).then(
      (environment) => {
        fleet.starting -= 1;
        arrived(fleet, environment);
      },
      (error: unknown) => {
        fleet.starting -= 1;
        // Other starts may be on their way for all who wait.
        const waiter = fleet.waiters.length > fleet.starting ? fleet.waiters.shift() : undefined;
        if (waiter === undefined) options.report(error);
        else waiter.reject(error);
        forget(fleet);
      },
    );
  }

  async function startOne(fleet: Fleet, target: Target, type?: InitializationType): Promise<Environment> {
    const made = await target.assignment();
    const assignment = type === undefined ? made : { ...made, initializationType: type };
    const { memoryMB } = assignment;
    await makeRoom(memoryMB);
    try {
      const environment = await worker.start(assignment);
      const giveBack = (): void => {
        fleet.all.delete(environment);
        memory.giveBack(memoryMB);
        forget(fleet);
      };
      fleet.all.add(environment);
      environment.gone.then(giveBack, giveBack);
      return environment;
    } catch (error) {
      memory.giveBack(memoryMB);
      throw error;
    }
  }

  /** A new environment takes a call at once: its init phase is part of that call. */
  function arrived(fleet: Fleet, environment: Environment): void {
    environment.onChange = () => changed(fleet, environment);
    const waiter = fleet.waiters.shift();
    if (waiter !== undefined) waiter.resolve(environment);
    else changed(fleet, environment);
  }

  function changed(fleet: Fleet, environment: Environment): void {
    if (!environment.alive) {
      fleet.removeIdle(environment);
    } else if (environment.idle) {
      const waiter = fleet.waiters.shift();
      if (waiter !== undefined) waiter.resolve(environment);
      else if (fleet.retired !== undefined) end(environment, fleet.retired);
      else (fleet.provisioned.has(environment) ? fleet.provisionedIdle : fleet.idle).push(environment);
    }
  }

  /** Throws when the machine is full and no idle environment can be ended for the new one. */
  async function makeRoom(memoryMB: number): Promise<void> {
    while (!memory.take(memoryMB)) {
      const victim = leastRecentlyUsed();
      if (victim === undefined && leaving === 0) throw hostFull(memory, memoryMB);
      const change = memory.change();
      if (victim !== undefined) {
        victim.fleet.removeIdle(victim.environment);
        leaving += 1;
        const left = (): void => {
          leaving -= 1;
        };
        victim.environment.gone.then(left, left);
        end(victim.environment, "idle");
      }
      await change;
    }
  }

  function leastRecentlyUsed(): { fleet: Fleet; environment: Environment } | undefined {
    let oldest: { fleet: Fleet; environment: Environment } | undefined;
    for (const fleet of fleets.values()) {
      const environment = fleet.idle[0];
      if (environment === undefined) continue;
      if (oldest === undefined || environment.lastUsedAt < oldest.environment.lastUsedAt)
        oldest = { fleet, environment };
    }
    return oldest;
  }

  function end(environment: Environment, reason: RetireReason): void {
    environment.retire(reason).catch(options.report);
  }

  function sweep(): void {
    const now = clock();
    const tooOld = ({ createdAt }: Environment): boolean => now - createdAt >= options.maxAgeMs;
    const unused = ({ lastUsedAt }: Environment): boolean => now - lastUsedAt >= options.idleMs;
    for (const fleet of fleets.values()) {
      for (const environment of fleet.idle.filter((each) => tooOld(each) || unused(each))) {
        fleet.removeIdle(environment);
        end(environment, tooOld(environment) ? "age" : "idle");
      }
      // One at a time: those that were provisioned together are as old as each other, and calls need the others.
      const oldest = fleet.provisionedIdle.find(tooOld);
      if (oldest !== undefined) {
        fleet.removeIdle(oldest);
        end(oldest, "age");
      }
    }
  }

  function forget(fleet: Fleet): void {
    if (fleet.empty && fleets.get(fleet.key) === fleet) fleets.delete(fleet.key);
  }

  async function retire(retired: (fleet: Fleet) => RetireReason | undefined): Promise<void> {
    const gone: Promise<void>[] = [];
    for (const fleet of fleets.values()) {
      const reason = retired(fleet);
      if (reason === undefined) continue;
      fleet.retired = reason;
      fleet.idle.length = 0;
      fleet.provisionedIdle.length = 0;
      // A call that waits keeps its place: environments that are being started serve it and go then.
      for (const environment of fleet.all) gone.push(environment.retire(reason));
    }
    await Promise.all(gone);
  }

  async function startAhead(scope: Scope, target: Target): Promise<{ fleet: Fleet; environment: Environment }> {
    const fleet = fleetOf(scope, target);
    fleet.startingAhead += 1;
    try {
      return { fleet, environment: await startOne(fleet, target, "provisioned-concurrency") };
    } finally {
      fleet.startingAhead -= 1;
      forget(fleet);
    }
  }

  return {
    run,
    retire,
    startAhead,
    changed,
    fleets: () => fleets.values(),
    async close() {
      clearInterval(sweeper);
      await retire(() => "spindown");
    },
  };
}

function hostFull(memory: HostMemory, memoryMB: number): Error {
  return throttled(
    "ConcurrentInvocationLimitExceeded",
    `Rate Exceeded. This host has no memory for another execution environment of ${memoryMB} MB: ` +
      `${memory.usedMB} of ${memory.totalMB} MB are in use by environments that are running calls.`,
  );
}
