/** Initialises functions for their snapshots, a few at a time. */
import { randomBytes } from "node:crypto";
import { KilnError } from "../../base/errors.ts";
import type { Snapshots } from "../../sandbox/contract.ts";
import type { Assignment, LogSink, SnapStarter, TakenSnapshot } from "../contract.ts";
import { createGuest, type Guest } from "../environment/guest.ts";
import { planOf, subjectOf, type PlanOptions } from "../environment/plan.ts";
import { createEnvironmentLog, logStreamName } from "../logs/environment-log.ts";
import { snapshotKind } from "./kind.ts";
import type { Shelf } from "./shelf.ts";
import { takenSnapshot, takeSnapshot } from "./take.ts";
import { createTurns } from "./turns.ts";

export interface StarterOptions extends PlanOptions {
  snapshots: Snapshots;
  shelf: Shelf;
  logs: LogSink;
  /** ms that the init phase may take. */
  initLimitMs: (assignment: Assignment) => number;
  /** See `WorkerOptions`. */
  reserve?: (memoryMB: number) => Promise<() => void>;
}

/** Calls come first. */
const AT_ONCE = 2;

export function createSnapStarter(options: StarterOptions): SnapStarter {
  const { sandbox, snapshots, shelf, logs } = options;
  const guests = new Set<Guest>();
  const turns = createTurns(AT_ONCE);
  let open = true;

  function checkOpen(): void {
    if (!open) throw new KilnError("WORKER_CLOSED", "The worker is shutting down.");
  }

  /** Counts as any other environment as long as its guest is there. */
  async function take(assignment: Assignment): Promise<TakenSnapshot | undefined> {
    checkOpen();
    const giveBack = await options.reserve?.(assignment.memoryMB);
    try {
      return await takeNow(assignment);
    } finally {
      giveBack?.();
    }
  }

  async function takeNow(assignment: Assignment): Promise<TakenSnapshot | undefined> {
    checkOpen();
    const id = randomBytes(16).toString("hex");
    const logStream = logStreamName(assignment, new Date(), id);
    const { spec, program } = planOf(options, assignment, logStream);
    const guest = await createGuest(sandbox, { ...spec, id, snapshotted: true });
    guests.add(guest);
    try {
      if (!open) void guest.jail.destroy().catch(() => undefined);
      const log = createEnvironmentLog(logs, assignment, subjectOf(assignment, program, logStream));
      const snapshot = await takeSnapshot({ guest, log, limitMs: options.initLimitMs(assignment) });
      return snapshot && takenSnapshot(snapshot, shelf);
    } catch (error) {
      // The function has not failed then.
      checkOpen();
      throw error;
    } finally {
      guests.delete(guest);
    }
  }

  return {
    kindOf(assignment) {
      // No container image has SnapStart, and a jail for several processes has none that is the first.
      if (assignment.image !== undefined) return undefined;
      const { spec, image } = planOf(options, assignment, "");
      if (image === undefined || spec.extensions.names.length > 0) return undefined;
      const { argv, env: variables, limits } = spec;
      return snapshotKind({ sandbox: snapshots.kind, runtime: image.versionArn, argv, variables, limits });
    },
    take: (assignment) => turns.run(() => take(assignment)),
    async close() {
      open = false;
      // Each sees by itself that its jail is gone.
      await Promise.allSettled([...guests].map((guest) => guest.jail.destroy()));
      await turns.idle();
    },
  };
}
