import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../../base/errors.ts";
import type { JailSnapshot } from "../../sandbox/contract.ts";
import { SnapStartError, type StoredSnapshot } from "../contract.ts";
import { createShelf } from "./shelf.ts";

interface Bench {
  shelf: ReturnType<typeof createShelf>;
  /** Ids in the order in which they were loaded. */
  loaded: string[];
  held: Set<string>;
  stored: (id: string) => StoredSnapshot;
  unusable: string[];
}

function bench({ most = 8, room = 100, unusedMs = 60_000 } = {}): Bench {
  const loaded: string[] = [];
  const held = new Set<string>();
  const unusable: string[] = [];
  const shelf = createShelf({
    most,
    unusedMs,
    report: (error) => assert.fail(error as Error),
    async load(from) {
      let id = "";
      for await (const part of from) id += Buffer.from(part).toString();
      if (held.size >= room) throw new KilnError("SNAPSHOT_ROOM", "full");
      if (id === "broken") throw new KilnError("SNAPSHOT_UNFIT", "no snapshot");
      loaded.push(id);
      held.add(id);
      return { bytes: 1, release: async () => void held.delete(id) } as unknown as JailSnapshot;
    },
  });
  const stored = (id: string): StoredSnapshot => ({
    id,
    read: async function* () {
      yield Buffer.from(id);
    },
    unusable: async () => void unusable.push(id),
  });
  return { shelf, loaded, held, stored, unusable };
}

const nothing = async (): Promise<void> => undefined;
const lost = (error: unknown): boolean => error instanceof SnapStartError && error.fault === "lost";

test("a snapshot is loaded once for all who want it, and given back at the end", async () => {
  const { shelf, loaded, held, stored } = bench();
  await Promise.all([shelf.with(stored("a"), nothing), shelf.with(stored("a"), nothing)]);
  await shelf.with(stored("a"), nothing);
  assert.deepEqual(loaded, ["a"]);
  await shelf.close();
  assert.equal(held.size, 0);
});

test("the one that was used longest ago goes first, and none that is in use", async () => {
  const { shelf, loaded, held, stored } = bench({ most: 2 });
  await shelf.with(stored("a"), nothing);
  await shelf.with(stored("b"), nothing);
  await shelf.with(stored("a"), nothing);
  await shelf.with(stored("c"), () => shelf.with(stored("d"), nothing));
  await shelf.close();
  assert.deepEqual(loaded, ["a", "b", "c", "d"]);
  assert.equal(held.size, 0);
});

test("where the host has no room, older ones make some; where nothing can go, the caller hears of it", async () => {
  const { shelf, held, stored, unusable } = bench({ room: 1 });
  await shelf.with(stored("a"), nothing);
  await shelf.with(stored("b"), async () => {
    assert.deepEqual([...held], ["b"]);
    await assert.rejects(shelf.with(stored("c"), nothing), { code: "SNAPSHOT_ROOM" });
  });
  await shelf.with(stored("c"), nothing);
  assert.deepEqual([[...held], unusable], [["c"], []]);
  await shelf.close();
});

test("one that cannot be loaded is said to be unusable, once for each who wants it, and is tried again", async () => {
  const { shelf, stored, unusable } = bench();
  await assert.rejects(shelf.with(stored("broken"), nothing), lost);
  await assert.rejects(shelf.with(stored("broken"), nothing), lost);
  assert.deepEqual(unusable, ["broken", "broken"]);
  await shelf.close();
});

test("one that nobody has wanted for a while goes", async () => {
  const { shelf, held, stored } = bench({ unusedMs: 1 });
  await shelf.with(stored("a"), nothing);
  while (held.size > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await shelf.close();
});
