import assert from "node:assert/strict";
import { test } from "node:test";
import type { RuntimeImage } from "../../artifacts/contract.ts";
import type { JailExit } from "../../sandbox/contract.ts";
import type { Guest } from "../environment/guest.ts";
import { testImage } from "../testing/fixtures.ts";
import { createPool, type Pool, type PoolOptions } from "./pool.ts";

interface FakeGuest {
  runtime: string;
  ended: boolean;
  exit: () => void;
}

function bench(options: Partial<PoolOptions> = {}): { pool: Pool; guests: FakeGuest[]; failures: unknown[] } {
  const guests: FakeGuest[] = [];
  const failures: unknown[] = [];
  const pool = createPool({
    size: 1,
    ceiling: 1,
    maxTotal: 3,
    demandHalfLifeMs: 60_000,
    unusedMs: 60_000,
    refillDelayMs: 0,
    failed: (_runtime, error) => void failures.push(error),
    async create(image) {
      const exited = Promise.withResolvers<JailExit>();
      const guest: FakeGuest = {
        runtime: image.id,
        ended: false,
        exit: () => exited.resolve({ status: 1, signal: null, oomKilled: false }),
      };
      guests.push(guest);
      return {
        jail: { exited: exited.promise },
        async end() {
          guest.ended = true;
        },
      } as unknown as Guest;
    },
    ...options,
  });
  return { pool, guests, failures };
}

const image = (id: string, versionArn = "1"): RuntimeImage => ({ ...testImage, id, versionArn });
const settle = (ms = 5): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test("a runtime is filled after its first use, and again after every use", async () => {
  const { pool, guests } = bench();
  assert.equal(pool.take(image("a")), undefined);
  await settle();
  assert.equal(pool.total, 1);
  assert.notEqual(pool.take(image("a")), undefined);
  assert.equal(pool.total, 0);
  await settle();
  assert.equal(guests.length, 2);
  await pool.close();
  assert.deepEqual(
    guests.map(({ ended }) => ended),
    [false, true],
  );
});

test("there are never more than the bound, whatever the number of runtimes", async () => {
  const { pool, guests } = bench({ size: 2 });
  for (const id of ["a", "b", "c"]) pool.take(image(id));
  await settle();
  assert.equal(guests.length, 3);
  await pool.close();
  assert.ok(guests.every(({ ended }) => ended));
});

test("guests of a runtime that is not used go", async () => {
  const { pool, guests } = bench({ unusedMs: 20 });
  pool.take(image("a"));
  await settle(80);
  assert.deepEqual(
    guests.map(({ ended }) => ended),
    [true],
  );
  assert.equal(pool.total, 0);
  await pool.close();
});

test("a guest that ends on its own is forgotten, and not replaced before the next use", async () => {
  const { pool, guests } = bench();
  pool.take(image("a"));
  await settle();
  guests[0]?.exit();
  await settle();
  assert.equal(pool.total, 0);
  assert.equal(guests.length, 1);
  assert.equal(pool.take(image("a")), undefined);
  await settle();
  assert.equal(guests.length, 2);
  await pool.close();
});

test("a runtime that was built anew takes its old guests out", async () => {
  const { pool, guests } = bench();
  pool.take(image("a", "1"));
  await settle();
  assert.equal(pool.take(image("a", "2")), undefined);
  await settle();
  assert.deepEqual(
    guests.map(({ ended }) => ended),
    [true, false],
  );
  await pool.close();
});

test("a failure is told, and costs only the guest; a pool of size 0 does nothing", async () => {
  const error = new Error("no");
  const { pool, failures } = bench({ create: () => Promise.reject(error) });
  pool.take(image("a"));
  await settle();
  assert.deepEqual(failures, [error]);
  assert.equal(pool.total, 0);
  await pool.close();
  const none = bench({ size: 0 });
  none.pool.take(image("a"));
  await settle();
  assert.equal(none.guests.length, 0);
  await none.pool.close();
});

test("the pool grows with what is taken, up to the ceiling, and shrinks to its size when nothing is", async () => {
  const { pool, guests } = bench({ size: 1, ceiling: 4, maxTotal: 10, demandHalfLifeMs: 150 });
  const takeMany = (): number => [1, 2, 3, 4, 5, 6].filter(() => pool.take(image("a")) !== undefined).length;
  assert.equal(takeMany(), 0);
  while (pool.total < 4) await settle(1);
  await settle();
  assert.equal(pool.total, 4);
  // A second burst finds them.
  assert.equal(takeMany(), 4);
  const kept = (): number => pool.total;
  while (kept() !== 1 || guests.filter(({ ended }) => ended).length < 3) await settle(5);
  await pool.close();
});

test("a runtime that has none gets one, though others have grown to the bound of all", async () => {
  const { pool, guests } = bench({ size: 1, ceiling: 3, maxTotal: 3 });
  for (let n = 0; n < 3; n++) pool.take(image("a"));
  while (pool.total < 3) await settle(1);
  pool.take(image("b"));
  while (!guests.some(({ runtime }) => runtime === "b")) await settle(1);
  assert.equal(pool.total, 3);
  await pool.close();
});

test("short of memory it gives all up, and makes none for a while", async () => {
  const { pool, guests } = bench({ size: 2 });
  assert.equal(pool.relieve(), false);
  const other = bench({ size: 2 });
  other.pool.take(image("a"));
  while (other.pool.total < 2) await settle(1);
  await settle();
  assert.equal(other.pool.relieve(), true);
  assert.equal(other.pool.total, 0);
  assert.equal(other.pool.take(image("a")), undefined);
  await settle();
  assert.equal(other.pool.total, 0);
  assert.ok(other.guests.every(({ ended }) => ended));
  assert.deepEqual(guests, []);
  await Promise.all([pool.close(), other.pool.close()]);
});
