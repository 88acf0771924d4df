import { performance } from "node:perf_hooks";
import type { Jail } from "../../sandbox/contract.ts";

/**
 * ms without a call before a guest is frozen. Freezing and thawing cost some tens of microseconds each, and a thawed
 * runtime finds its caches cold: an environment that is called more often than this pays neither. What a function leaves
 * running at its answer has this long to go on, once.
 */
export const FREEZE_AFTER_MS = 100;

/**
 * Freezes a guest that has nothing to do (AWS: "Lambda freezes the execution environment when the runtime and each
 * extension have completed and there are no pending events"), and thaws it for what comes next.
 */
export interface Freezer {
  /** It waits for an event. */
  idle(): void;
  /** It gets one, or is told to end: to be called before it is spoken to. */
  busy(): void;
  readonly frozen: boolean;
  close(): void;
}

/** @param afterMs ms from `idle` to the freezing. */
export function createFreezer(jail: Pick<Jail, "freeze" | "thaw">, afterMs = FREEZE_AFTER_MS): Freezer {
  let frozen = false;
  let open = true;
  /** Monotonic ms; undefined while it is busy. */
  let idleSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;

  /** One timer for many calls: setting one up for each would cost more than the rest of this. */
  function look(): void {
    timer = undefined;
    if (idleSince === undefined || !open) return;
    const leftMs = afterMs - (performance.now() - idleSince);
    if (leftMs > 0) timer = setTimeout(look, Math.ceil(leftMs)).unref();
    else {
      jail.freeze?.();
      frozen = true;
    }
  }

  return {
    idle() {
      if (jail.freeze === undefined || !open) return;
      idleSince = performance.now();
      timer ??= setTimeout(look, afterMs).unref();
    },
    busy() {
      idleSince = undefined;
      if (!frozen) return;
      frozen = false;
      jail.thaw?.();
    },
    get frozen() {
      return frozen;
    },
    close() {
      open = false;
      clearTimeout(timer);
    },
  };
}
