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
import { createAge } from "./age.ts";
import { Fleet, type Waiter } from "./fleet.ts";
import { createGrowth } from "./growth.ts";
import type { HostGauge } from "./host-gauge.ts";
import { createReservations, type Reservations } from "./reservations.ts";
import { createRoom } from "./room.ts";
import { createTurns } from "./turns.ts";

export interface PlacementOptions {
  worker: Worker;
  clock: Clock;
  /** ms after its last call when an environment is ended. */
  idleMs: number;
  /** ms after its start when an environment takes no more calls. */
  maxAgeMs: number;
  gauge: HostGauge;
  /** Environments that are started for calls at the same time. */
  startParallel: number;
  /** ms after which an init phase that still goes on does not hold up the next start: it may be waiting for something. */
  startHoldMs: number;
  /** ms that a call waits for an environment before it is throttled. */
  waitMs: number;
  /** Environments by which a function may grow in 10 s. */
  growthPer10s: number;
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
  /** For an environment that is none of a fleet's. */
  reserve: Reservations["reserve"];
  /** The environment may be free now, or be gone. */
  changed(fleet: Fleet, environment: Environment): void;
  close(): Promise<void>;
}

/** ms between two looks at the memory of the machine, */
const RELIEF_MS = 1000;
/** and at what waits for some: environments that freeze give memory back without saying so. */
const STARVED_MS = 50;

const BUSY = "This host is busy starting execution environments, and none has become free.";
const NO_ROOM_TO_WAKE = "This host has no memory for another execution environment that runs.";

/** An environment can end between being chosen and being called; this often another one is tried. */
const ATTEMPTS = 5;

export function createPlacement(options: PlacementOptions): Placement {
  const { worker, clock } = options;
  const fleets = new Map<string, Fleet>();
  const room = createRoom({ worker, gauge: options.gauge, fleets: () => fleets.values(), end });
  const reservations = createReservations(room, askForStarved);
  const growth = createGrowth(options.growthPer10s);
  const tooOld = createAge(options.maxAgeMs, clock);
  const turns = createTurns<Fleet>({
    parallel: options.startParallel,
    wants: (fleet) => fleet.waiters.length > fleet.starting && !starved.has(fleet),
    begin,
  });
  /** Fleets for which the machine had no memory when their turn came. */
  const starved = new Set<Fleet>();
  const timers = [
    setInterval(sweep, Math.max(10, Math.min(options.idleMs / 4, 10_000))),
    setInterval(() => room.relieve(), RELIEF_MS),
    setInterval(() => askForStarved(), STARVED_MS),
  ].map((timer) => timer.unref());

  function run(scope: Scope, target: Target, call: Call): Promise<CallResult> {
    const fleet = fleetOf(scope, target);
    const environment = fleet.waiters.length > 0 ? undefined : takeIdle(fleet);
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
      const environment = provisioned ?? fleet.idle.pop();
      if (environment === undefined) return undefined;
      if (!environment.idle) continue;
      if (provisioned === undefined && tooOld(environment)) end(environment, "age");
      else if (room.wake(environment)) return environment;
      else {
        // It is frozen, and others have been promised its memory: its turn comes when there is room.
        (provisioned === undefined ? fleet.idle : fleet.provisionedIdle).push(environment);
        return undefined;
      }
    }
  }

  function waitFor(fleet: Fleet, target: Target): Promise<Environment> {
    if (!growth.allows(fleet)) {
      forget(fleet);
      const reserved = target.reservedConcurrency !== undefined;
      throw throttled(reserved ? "ReservedFunctionInvocationRateLimitExceeded" : "FunctionInvocationRateLimitExceeded");
    }
    fleet.target = target;
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject };
      fleet.waiters.push(waiter);
      bound(fleet, waiter, options.waitMs);
      const { settling } = fleet;
      if (fleet.waiters.length > settling + fleet.starting) turns.ask(fleet);
      else if (settling > 0) setTimeout(() => turns.ask(fleet), options.settleMs);
    });
  }

  /** No call waits for ever. One for which an environment is being started waits for that, whose time is bounded too. */
  function bound(fleet: Fleet, waiter: Waiter, ms: number): void {
    waiter.timer = setTimeout(() => {
      const place = fleet.waiters.indexOf(waiter);
      if (place === -1) return;
      if (place < fleet.starting) return bound(fleet, waiter, 1000);
      fleet.waiters.splice(place, 1);
      waiter.reject(throttled("ConcurrentInvocationLimitExceeded", `Rate Exceeded. ${fleet.starved ?? BUSY}`));
      forget(fleet);
    }, ms);
  }

  /** A fleet's turn: one environment for one call that waits. Resolves when the next start may begin. */
  async function begin(fleet: Fleet): Promise<void> {
    const { target } = fleet;
    if (target === undefined) return;
    fleet.starting += 1;
    let environment: Environment | undefined;
    try {
      environment = (await rouse(fleet)) ?? (await startOne(fleet, target));
      fleet.starting -= 1;
      if (!starved.has(fleet)) fleet.starved = undefined;
    } catch (error) {
      fleet.starting -= 1;
      if (error instanceof NoRoom) {
        fleet.starved = error.message;
        starved.add(fleet);
      } else {
        // Other starts may be on their way for all who wait.
        const waiter = fleet.waiters.length > fleet.starting ? fleet.nextWaiter() : undefined;
        if (waiter === undefined) options.report(error);
        else waiter.reject(error);
      }
      forget(fleet);
      return;
    }
    arrived(fleet, environment);
    await withinMs(environment.initialized, options.startHoldMs);
  }

  /** One that is frozen, and whose memory others were promised, comes before a new one. */
  async function rouse(fleet: Fleet): Promise<Environment | undefined> {
    const idle = fleet.provisionedIdle.length > 0 ? fleet.provisionedIdle : fleet.idle;
    const environment = idle.pop();
    if (environment === undefined) return undefined;
    if (await room.rouse(environment)) return environment.idle ? environment : undefined;
    if (environment.idle) idle.push(environment);
    throw new NoRoom(NO_ROOM_TO_WAKE);
  }

  /** @param but Has nothing to hope for from what has happened. */
  function askForStarved(but?: Fleet): void {
    for (const fleet of starved) {
      if (fleet === but) continue;
      starved.delete(fleet);
      turns.ask(fleet);
    }
  }

  async function startOne(fleet: Fleet, target: Target, type?: InitializationType): Promise<Environment> {
    const made = await target.assignment();
    const assignment = type === undefined ? made : { ...made, initializationType: type };
    const { memoryMB } = assignment;
    if (!(await room.make(memoryMB))) throw new NoRoom(room.full(memoryMB));
    let environment: Environment;
    try {
      environment = await worker.start(assignment);
    } catch (error) {
      room.giveBack(memoryMB);
      throw error;
    }
    fleet.all.add(environment);
    void room.hold(environment, memoryMB).then(() => {
      fleet.all.delete(environment);
      fleet.grownTo = fleet.all.size + fleet.waiters.length;
      forget(fleet);
      askForStarved();
    });
    return environment;
  }

  /** A new environment takes a call at once: its init phase is part of that call. */
  function arrived(fleet: Fleet, environment: Environment): void {
    environment.onChange = () => changed(fleet, environment);
    const waiter = fleet.nextWaiter();
    if (waiter !== undefined) waiter.resolve(environment);
    else changed(fleet, environment);
  }

  function changed(fleet: Fleet, environment: Environment): void {
    if (!environment.alive) {
      fleet.removeIdle(environment);
    } else if (environment.idle) {
      if (fleet.waiters.length > 0 && !fleet.provisioned.has(environment) && tooOld(environment)) {
        // One that is never without a call would live for ever.
        end(environment, "age");
        turns.ask(fleet);
        return;
      }
      const waiter = fleet.nextWaiter();
      if (waiter !== undefined) waiter.resolve(environment);
      else if (fleet.retired !== undefined) end(environment, fleet.retired);
      else {
        const idle = fleet.provisioned.has(environment) ? fleet.provisionedIdle : fleet.idle;
        // One that has to start again comes after all that are warm.
        if (environment.cold === true) idle.unshift(environment);
        else idle.push(environment);
        // It can be ended for others now. Its own fleet takes it as it is: asking the machine for more with each of many calls
        // would cost more than the calls.
        askForStarved(fleet);
      }
    }
  }

  function end(environment: Environment, reason: RetireReason): void {
    environment.retire(reason).catch(options.report);
  }

  function sweep(): void {
    const now = clock();
    const unused = ({ lastUsedAt }: Environment): boolean => now - lastUsedAt >= options.idleMs;
    growth.sweep();
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
    } catch (error) {
      if (!(error instanceof NoRoom)) throw error;
      throw throttled("ConcurrentInvocationLimitExceeded", `Rate Exceeded. ${error.message}`);
    } finally {
      fleet.startingAhead -= 1;
      forget(fleet);
    }
  }

  return {
    run,
    retire,
    startAhead,
    reserve: (memoryMB) => reservations.reserve(memoryMB),
    changed,
    fleets: () => fleets.values(),
    async close() {
      reservations.close();
      for (const timer of timers) clearInterval(timer);
      await retire(() => "spindown");
    },
  };
}

/** The machine has no memory for another environment now. */
class NoRoom extends Error {}

/** The promise's end, or this many ms, whatever comes first. */
async function withinMs(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms).unref();
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}
