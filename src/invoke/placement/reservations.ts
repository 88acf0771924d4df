import { setTimeout as sleep } from "node:timers/promises";
import { KilnError } from "../../base/errors.ts";
import type { Room } from "./room.ts";

/** ms between two looks for memory that no call waits for. */
const PATIENT_MS = 500;

/** Memory for environments that are in no fleet, such as those whose snapshots are taken. */
export interface Reservations {
  /**
   * Promises memory as soon as there is room; what comes back gives it back, once.
   * Throws KilnError WORKER_CLOSED.
   */
  reserve(memoryMB: number): Promise<() => void>;
  close(): void;
}

/** @param freed Called when memory has been given back. */
export function createReservations(room: Room, freed: () => void): Reservations {
  let open = true;

  function checkOpen(): void {
    if (!open) throw new KilnError("WORKER_CLOSED", "The worker is shutting down.");
  }

  return {
    async reserve(memoryMB) {
      while (!(await room.make(memoryMB))) {
        checkOpen();
        await sleep(PATIENT_MS, undefined, { ref: false });
      }
      let held = true;
      const giveBack = (): void => {
        if (!held) return;
        held = false;
        room.giveBack(memoryMB);
        freed();
      };
      if (!open) giveBack();
      checkOpen();
      return giveBack;
    },
    close() {
      open = false;
    },
  };
}
