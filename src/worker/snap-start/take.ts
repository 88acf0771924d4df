import type { JailSnapshot } from "../../sandbox/contract.ts";
import { KilnError } from "../../base/errors.ts";
import { SnapshotInitError, type TakenSnapshot } from "../contract.ts";
import type { Guest } from "../environment/guest.ts";
import { InitPhase, type InitPhaseOutcome } from "../environment/init-phase.ts";
import type { EnvironmentLog } from "../logs/environment-log.ts";
import type { Shelf } from "./shelf.ts";

export interface TakeOptions {
  /** Made to be snapshotted; it ends here. */
  guest: Guest;
  log: EnvironmentLog;
  limitMs: number;
}

/**
 * The init phase of a snapshot, with the hooks before it, and then the snapshot. Undefined where the function has registered
 * extensions from within: what they have open with the worker would not be there after a restore. Throws SnapshotInitError.
 */
export async function takeSnapshot({ guest, log, limitMs }: TakeOptions): Promise<JailSnapshot | undefined> {
  try {
    log.attach(guest.telemetry);
    log.platform.initStart("init");
    guest.logTo({ runtime: (line) => log.line(line), extension: (line) => log.extensionLine(line) });
    const { promise, resolve } = Promise.withResolvers<InitPhaseOutcome>();
    guest.listen(new InitPhase({ guest, log, phase: "init", limitMs, over: resolve }));
    const { failure } = await promise;
    if (failure !== undefined) throw new SnapshotInitError(failure.errorType);
    if (guest.extensions.count > 0) return undefined;
    guest.silence();
    if (guest.jail.snapshot === undefined) throw new KilnError("SANDBOX_FAILED", "This jail cannot be snapshotted.");
    return await guest.jail.snapshot();
  } finally {
    await guest.end();
    log.close();
  }
}

/** @param shelf Where it goes when it has been kept. */
export function takenSnapshot(snapshot: JailSnapshot, shelf: Shelf | undefined): TakenSnapshot {
  let mine = true;
  return {
    save: () => snapshot.save(),
    kept(id) {
      if (!mine) return;
      mine = false;
      if (shelf !== undefined) shelf.add(id, snapshot);
    },
    async release() {
      if (!mine) return;
      mine = false;
      await snapshot.release();
    },
  };
}
