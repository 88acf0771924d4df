/**
 * Snapshots in memory: those that environments were made of last. Any of them can be read again, so the oldest go when there are
 * too many, and each that nobody has wanted for a while.
 */
import { KilnError } from "../../base/errors.ts";
import type { JailSnapshot, Snapshots } from "../../sandbox/contract.ts";
import { SnapStartError, type StoredSnapshot } from "../contract.ts";

export interface ShelfOptions {
  load: Snapshots["load"];
  /** Snapshots that are kept. */
  most?: number;
  /** ms without use after which one goes. */
  unusedMs?: number;
  /** One could not be given back. */
  report: (error: unknown) => void;
}

export interface Shelf {
  /** Keeps what has just been taken. */
  add(id: string, snapshot: JailSnapshot): void;
  /**
   * Hands the snapshot to `use`, and keeps it until that is over. Throws SnapStartError where it cannot be had, KilnError
   * SNAPSHOT_ROOM where the host has no memory for it.
   */
  with<T>(stored: StoredSnapshot, use: (snapshot: JailSnapshot) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

interface Entry {
  snapshot: Promise<JailSnapshot>;
  users: number;
  timer: NodeJS.Timeout | undefined;
}

const MOST = 8;
const UNUSED_MS = 10 * 60 * 1000;

export function createShelf({ load, most = MOST, unusedMs = UNUSED_MS, report }: ShelfOptions): Shelf {
  /** By id; the one that was used last stands last. */
  const entries = new Map<string, Entry>();
  const leaving = new Set<Promise<void>>();

  function drop(id: string, entry: Entry): void {
    entries.delete(id);
    clearTimeout(entry.timer);
    const left = entry.snapshot.then((snapshot) => snapshot.release()).catch(report);
    leaving.add(left);
    void left.finally(() => leaving.delete(left));
  }

  /** False when all of them are in use. */
  function dropOldest(): boolean {
    for (const [id, entry] of entries) {
      if (entry.users > 0) continue;
      drop(id, entry);
      return true;
    }
    return false;
  }

  function put(id: string, snapshot: Promise<JailSnapshot>): Entry {
    const entry: Entry = { snapshot, users: 0, timer: undefined };
    entries.set(id, entry);
    return entry;
  }

  async function read(stored: StoredSnapshot): Promise<JailSnapshot> {
    for (;;) {
      try {
        return await load(stored.read());
      } catch (error) {
        if (error instanceof KilnError && error.code === "SNAPSHOT_ROOM") {
          if (!dropOldest()) throw error;
          await Promise.all(leaving);
          continue;
        }
        await stored.unusable(error);
        throw new SnapStartError("lost", "A snapshot cannot be used, and is to be taken anew.", { cause: error });
      }
    }
  }

  function take(stored: StoredSnapshot): Entry {
    const { id } = stored;
    const found = entries.get(id);
    if (found !== undefined) {
      clearTimeout(found.timer);
      entries.delete(id);
      entries.set(id, found);
      return found;
    }
    while (entries.size >= most && dropOldest());
    const entry = put(id, read(stored));
    entry.snapshot.catch(() => entries.get(id) === entry && entries.delete(id));
    return entry;
  }

  function rest(id: string, entry: Entry): void {
    if (entry.users > 0 || entries.get(id) !== entry) return;
    entry.timer = setTimeout(() => drop(id, entry), unusedMs).unref();
  }

  return {
    add(id, snapshot) {
      while (entries.size >= most && dropOldest());
      rest(id, put(id, Promise.resolve(snapshot)));
    },
    async with(stored, use) {
      const entry = take(stored);
      entry.users += 1;
      try {
        return await use(await entry.snapshot);
      } finally {
        entry.users -= 1;
        rest(stored.id, entry);
      }
    },
    async close() {
      for (const [id, entry] of entries) drop(id, entry);
      await Promise.all(leaving);
    },
  };
}
