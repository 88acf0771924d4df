import type { Environment, RetireReason, Worker } from "../../worker/contract.ts";
import type { Fleet } from "./fleet.ts";
import type { HostGauge } from "./host-gauge.ts";
import { createHostMemory } from "./host-memory.ts";

export interface RoomOptions {
  worker: Pick<Worker, "relieve">;
  gauge: HostGauge;
  fleets: () => Iterable<Fleet>;
  end: (environment: Environment, reason: RetireReason) => void;
}

/** Room in the memory of the machine: who is promised some, and who goes for whom. */
export interface Room {
  /** Promises memory to a new environment; ends idle ones for it. False when no idle one is left to be ended. */
  make(memoryMB: number): Promise<boolean>;
  /** The new environment holds what has been promised from now on, until it is gone. */
  hold(environment: Environment, memoryMB: number): Promise<void>;
  giveBack(memoryMB: number): void;
  /** A frozen environment is about to run: it is promised its memory again, if it can be. */
  wake(environment: Environment): boolean;
  /** The same, for one that `wake` refused: ends others for it. */
  rouse(environment: Environment): Promise<boolean>;
  /** To be called now and then: under pressure the pool goes first, then idle environments. */
  relieve(): void;
  /** Why there is no room, for the one who asked. */
  full(memoryMB: number): string;
}

interface Holding {
  memoryMB: number;
  /** It is promised its memory; one that is frozen may have given the promise back. */
  promised: boolean;
}

/** Under pressure this part of the idle environments goes at once, then it is looked again. */
const RELIEF_SHARE = 0.1;

export function createRoom(options: RoomOptions): Room {
  const { gauge, fleets, end } = options;
  const memory = createHostMemory(() => gauge.availableMB());
  const holdings = new WeakMap<Environment, Holding>();
  /** Idle environments that were ended to make room, and still hold their memory. */
  let leaving = 0;

  function idleOnes(): { fleet: Fleet; environment: Environment }[] {
    const all: { fleet: Fleet; environment: Environment }[] = [];
    for (const fleet of fleets()) for (const environment of fleet.idle) all.push({ fleet, environment });
    return all;
  }

  /** Frozen environments need no promise: they cannot take more than they have. */
  function takeBackFromFrozen(): void {
    for (const fleet of fleets()) {
      for (const environment of [...fleet.idle, ...fleet.provisionedIdle]) {
        const holding = holdings.get(environment);
        if (holding?.promised !== true || !environment.frozen) continue;
        holding.promised = false;
        memory.giveBack(holding.memoryMB);
      }
    }
  }

  /** A frozen one frees what it uses, another what it was promised. */
  function endIdle({ fleet, environment }: { fleet: Fleet; environment: Environment }): void {
    fleet.removeIdle(environment);
    leaving += 1;
    const left = (): void => {
      leaving -= 1;
    };
    environment.gone.then(left, left);
    end(environment, "idle");
  }

  function take(memoryMB: number): boolean {
    if (memory.take(memoryMB)) return true;
    takeBackFromFrozen();
    return memory.take(memoryMB);
  }

  async function make(memoryMB: number): Promise<boolean> {
    while (!take(memoryMB)) {
      if (options.worker.relieve()) continue;
      const victim = leastRecentlyUsed(idleOnes())[0];
      if (victim === undefined && leaving === 0) return false;
      if (victim !== undefined) endIdle(victim);
      // One that was frozen gives no promise back, and yet there is more room when it is gone.
      await (victim === undefined ? memory.change() : Promise.race([memory.change(), victim.environment.gone]));
    }
    return true;
  }

  return {
    make,
    async hold(environment, memoryMB) {
      const holding = { memoryMB, promised: true };
      holdings.set(environment, holding);
      await environment.gone.catch(() => undefined);
      memory.giveBack(holding.promised ? memoryMB : 0);
      holding.promised = false;
    },
    giveBack: (memoryMB) => memory.giveBack(memoryMB),
    wake(environment) {
      const holding = holdings.get(environment);
      if (holding === undefined || holding.promised) return true;
      if (!take(holding.memoryMB)) return false;
      holding.promised = true;
      return true;
    },
    async rouse(environment) {
      const holding = holdings.get(environment);
      if (holding === undefined || holding.promised) return true;
      if (!(await make(holding.memoryMB))) return false;
      // It may have ended meanwhile: then nobody gives it back.
      if (environment.alive) holding.promised = true;
      else memory.giveBack(holding.memoryMB);
      return true;
    },
    relieve() {
      if (leaving > 0 || (gauge.availableMB() >= 0 && !gauge.pressed())) return;
      if (options.worker.relieve()) return;
      const idle = leastRecentlyUsed(idleOnes());
      for (const each of idle.slice(0, Math.ceil(idle.length * RELIEF_SHARE))) endIdle(each);
    },
    full: (memoryMB) =>
      `This host has no memory for another execution environment of ${memoryMB} MB: of ${memory.availableMB} MB that are ` +
      `available, ${memory.promisedMB} MB are promised to environments that run calls.`,
  };
}

function leastRecentlyUsed<T extends { environment: Environment }>(all: T[]): T[] {
  return all.sort((one, other) => one.environment.lastUsedAt - other.environment.lastUsedAt);
}
