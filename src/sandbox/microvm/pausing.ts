/**
 * Freezing and thawing of a machine. Both are asked for and not waited for; they happen in order, and what is wanted last
 * is what stays. Before a machine is stopped its processes are frozen within, so that after it goes on they run again only
 * when its clock is right.
 */
import { within } from "../jail/ending.ts";
import type { Agent } from "./agent/agent.ts";
import { timeSetting } from "./settings.ts";
import type { Vm } from "./vmm/contract.ts";

/** A guest that does not freeze its processes in time is stopped all the same. */
const FREEZE_WITHIN_MS = 2_000;

export interface Pausing {
  /** It is frozen, or on its way there or back. */
  readonly is: boolean;
  set(frozen: boolean): void;
}

export function createPausing(vm: Vm, agent: Agent): Pausing {
  let wanted = false;
  let is = false;
  let work: Promise<void> | undefined;

  async function freeze(): Promise<void> {
    await within(FREEZE_WITHIN_MS, agent.set([["frozen", 1]]), () => undefined);
    // It may be wanted again by now, which is quicker without a stop.
    if (wanted) await vm.pause();
  }

  async function thaw(): Promise<void> {
    await vm.resume();
    agent.tell([timeSetting(), ["frozen", 0]]);
  }

  async function follow(): Promise<void> {
    while (is !== wanted) {
      is = wanted;
      await (is ? freeze() : thaw());
    }
  }

  return {
    get is() {
      return wanted || is || work !== undefined;
    },
    set(frozen) {
      wanted = frozen;
      work ??= follow()
        // The machine has ended: nothing is left that could run.
        .catch(() => undefined)
        .finally(() => {
          work = undefined;
        });
    },
  };
}
