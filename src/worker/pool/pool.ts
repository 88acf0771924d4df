import { performance } from "node:perf_hooks";
import type { RuntimeImage } from "../../artifacts/contract.ts";
import type { Guest } from "../environment/guest.ts";

export interface PoolOptions {
  /** Guests kept for each runtime that is in use, however little; 0 turns the pool off. */
  size: number;
  /** Guests kept for a runtime of which many have been taken of late. */
  ceiling: number;
  /** ms in which a runtime's demand falls by half when nobody takes its guests. */
  demandHalfLifeMs: number;
  /** Guests kept for all runtimes together. */
  maxTotal: number;
  /** ms after the last use of a runtime when its guests are given up. */
  unusedMs: number;
  /** ms after a use when its place is filled again: the function that has just started comes first. */
  refillDelayMs: number;
  create(image: RuntimeImage): Promise<Guest>;
  /** A guest could not be made; the pool goes on without it. */
  failed(runtime: string, error: unknown): void;
}

/**
 * Pre-booted guests by runtime: booted as far as a runtime goes without a function. As many are kept as have been asked for
 * of late, between the size and the ceiling, so that a second burst finds them.
 */
export interface Pool {
  /** A guest to give away, if there is one. Either way the runtime counts as in use, and is filled up again. */
  take(image: RuntimeImage): Guest | undefined;
  /** Guests that are kept or being made. */
  readonly total: number;
  /** Gives up all guests, and makes none for a while. False when there is none. */
  relieve(): boolean;
  close(): Promise<void>;
}

interface Shelf {
  image: RuntimeImage;
  guests: Set<Guest>;
  making: number;
  usedAt: number;
  /** Takes, the older the less: as of `usedAt`. */
  demand: number;
  refill: NodeJS.Timeout | undefined;
}

/** ms without new guests after the machine was short of memory. */
const RELIEF_MS = 30_000;
const SWEEP_MS = 10_000;

export function createPool(options: PoolOptions): Pool {
  const shelves = new Map<string, Shelf>();
  /** Everything that is under way: making and ending. `close` waits for it. */
  const pending = new Set<Promise<void>>();
  let total = 0;
  let making = 0;
  let relievedUntil = Number.NEGATIVE_INFINITY;
  let open = true;
  const sweepMs = Math.min(options.unusedMs, options.demandHalfLifeMs, SWEEP_MS);
  const sweeper = setInterval(giveUpUnused, sweepMs).unref();

  function track(work: Promise<void>): void {
    const settled = work.finally(() => pending.delete(settled));
    pending.add(settled);
  }

  function take(image: RuntimeImage): Guest | undefined {
    if (!open || options.size === 0) return undefined;
    const shelf = shelfFor(image);
    shelf.demand = demandOf(shelf) + 1;
    shelf.usedAt = performance.now();
    const guest = shelf.guests.values().next().value;
    if (guest !== undefined) {
      shelf.guests.delete(guest);
      total -= 1;
    }
    shelf.refill ??= setTimeout(() => {
      shelf.refill = undefined;
      fill(shelf);
    }, options.refillDelayMs).unref();
    return guest;
  }

  function shelfFor(image: RuntimeImage): Shelf {
    let shelf = shelves.get(image.id);
    if (shelf !== undefined && shelf.image.versionArn !== image.versionArn) {
      // The runtime has been built anew: what was booted from the old image is not wanted any more.
      discard(shelf);
      shelf = undefined;
    }
    if (shelf === undefined) {
      shelf = { image, guests: new Set(), making: 0, usedAt: 0, demand: 0, refill: undefined };
      shelves.set(image.id, shelf);
    }
    return shelf;
  }

  function demandOf({ demand, usedAt }: Shelf): number {
    return demand * 0.5 ** ((performance.now() - usedAt) / options.demandHalfLifeMs);
  }

  function wanted(shelf: Shelf): number {
    return Math.min(Math.max(options.size, Math.round(demandOf(shelf))), Math.max(options.size, options.ceiling));
  }

  /** One at a time, so that functions that start meanwhile find processors. */
  function fill(shelf: Shelf): void {
    if (!open || making > 0 || performance.now() < relievedUntil) return;
    const kept = shelf.guests.size + shelf.making;
    if (kept >= wanted(shelf)) return;
    if (total >= options.maxTotal && (kept >= options.size || !makeWay())) return;
    shelf.making += 1;
    making += 1;
    total += 1;
    track(make(shelf));
  }

  /** A runtime that has more than the size gives one up for one that has less. */
  function makeWay(): boolean {
    for (const shelf of shelves.values()) {
      const guest = shelf.guests.size > options.size ? shelf.guests.values().next().value : undefined;
      if (guest === undefined) continue;
      drop(shelf, guest);
      return true;
    }
    return false;
  }

  /** @param failed A broken image is not booted in a loop: it waits for its next use. */
  function fillAll(failed?: Shelf): void {
    // Those whose refill is due later come then.
    for (const shelf of shelves.values()) if (shelf.refill === undefined && shelf !== failed) fill(shelf);
  }

  async function make(shelf: Shelf): Promise<void> {
    try {
      const guest = await options.create(shelf.image);
      shelf.making -= 1;
      making -= 1;
      if (!open || shelves.get(shelf.image.id) !== shelf || performance.now() < relievedUntil) {
        total -= 1;
        await guest.end();
        return;
      }
      shelf.guests.add(guest);
      fillAll();
      // One that ends on its own is not replaced before the next use, so that a broken image is not booted in a loop.
      void guest.jail.exited.then(() => {
        if (shelf.guests.has(guest)) drop(shelf, guest);
      });
    } catch (error) {
      shelf.making -= 1;
      making -= 1;
      total -= 1;
      options.failed(shelf.image.id, error);
      fillAll(shelf);
    }
  }

  function drop(shelf: Shelf, guest: Guest): void {
    shelf.guests.delete(guest);
    total -= 1;
    track(
      guest.end().catch((error: unknown) => {
        options.failed(shelf.image.id, error);
      }),
    );
  }

  function discard(shelf: Shelf): void {
    clearTimeout(shelf.refill);
    shelf.refill = undefined;
    shelves.delete(shelf.image.id);
    for (const guest of shelf.guests) drop(shelf, guest);
  }

  function giveUpUnused(): void {
    const before = performance.now() - options.unusedMs;
    for (const shelf of shelves.values()) {
      if (shelf.usedAt < before) discard(shelf);
      const guest = shelf.guests.size > wanted(shelf) ? shelf.guests.values().next().value : undefined;
      if (guest !== undefined) drop(shelf, guest);
    }
  }

  return {
    take,
    get total() {
      return total;
    },
    relieve() {
      relievedUntil = performance.now() + RELIEF_MS;
      const any = total > making;
      for (const shelf of shelves.values()) for (const guest of shelf.guests) drop(shelf, guest);
      return any;
    },
    async close() {
      open = false;
      clearInterval(sweeper);
      for (const shelf of shelves.values()) discard(shelf);
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
