import { performance } from "node:perf_hooks";
import type { RuntimeImage } from "../../artifacts/contract.ts";
import type { Guest } from "../environment/guest.ts";

export interface PoolOptions {
  /** Guests kept for each runtime that is in use; 0 turns the pool off. */
  size: number;
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

/** Pre-booted guests by runtime: booted as far as a runtime goes without a function. */
export interface Pool {
  /** A guest to give away, if there is one. Either way the runtime counts as in use, and is filled up again. */
  take(image: RuntimeImage): Guest | undefined;
  /** Guests that are kept or being made. */
  readonly total: number;
  close(): Promise<void>;
}

interface Shelf {
  image: RuntimeImage;
  guests: Set<Guest>;
  making: number;
  usedAt: number;
  refill: NodeJS.Timeout | undefined;
}

export function createPool(options: PoolOptions): Pool {
  const shelves = new Map<string, Shelf>();
  /** Everything that is under way: making and ending. `close` waits for it. */
  const pending = new Set<Promise<void>>();
  let total = 0;
  let open = true;
  const sweeper = setInterval(giveUpUnused, Math.min(options.unusedMs, 60_000)).unref();

  function track(work: Promise<void>): void {
    const settled = work.finally(() => pending.delete(settled));
    pending.add(settled);
  }

  function take(image: RuntimeImage): Guest | undefined {
    if (!open || options.size === 0) return undefined;
    const shelf = shelfFor(image);
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
      shelf = { image, guests: new Set(), making: 0, usedAt: 0, refill: undefined };
      shelves.set(image.id, shelf);
    }
    return shelf;
  }

  function fill(shelf: Shelf): void {
    if (!open) return;
    while (shelf.guests.size + shelf.making < options.size && total < options.maxTotal) {
      shelf.making += 1;
      total += 1;
      track(make(shelf));
    }
  }

  async function make(shelf: Shelf): Promise<void> {
    try {
      const guest = await options.create(shelf.image);
      shelf.making -= 1;
      if (!open || shelves.get(shelf.image.id) !== shelf) {
        total -= 1;
        await guest.end();
        return;
      }
      shelf.guests.add(guest);
      // One that ends on its own is not replaced before the next use, so that a broken image is not booted in a loop.
      void guest.jail.exited.then(() => {
        if (shelf.guests.has(guest)) drop(shelf, guest);
      });
    } catch (error) {
      shelf.making -= 1;
      total -= 1;
      options.failed(shelf.image.id, error);
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
    for (const shelf of shelves.values()) if (shelf.usedAt < before) discard(shelf);
  }

  return {
    take,
    get total() {
      return total;
    },
    async close() {
      open = false;
      clearInterval(sweeper);
      for (const shelf of shelves.values()) discard(shelf);
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}
