import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createPatience } from "./patience.ts";

/** Counts the timers that are set up while it goes on. */
function countTimers(t: TestContext): { readonly count: number } {
  const { setTimeout: real } = globalThis;
  const counted = { count: 0 };
  const counting = (...given: Parameters<typeof real>): NodeJS.Timeout => {
    counted.count += 1;
    return real(...given);
  };
  globalThis.setTimeout = counting as typeof real;
  t.after(() => {
    globalThis.setTimeout = real;
  });
  return counted;
}

test("it ends once, not before its time, and not when it has been stopped", async () => {
  const patience = createPatience();
  const ends: string[] = [];
  const startedAt = performance.now();
  await new Promise<void>((resolve) => patience.start(20, resolve));
  assert.ok(performance.now() - startedAt >= 20);
  patience.start(5, () => ends.push("stopped"));
  patience.stop();
  await sleep(20);
  assert.deepEqual(ends, []);
});

test("the last start counts, whether it is sooner or later than the one before", async () => {
  const patience = createPatience();
  const ends: string[] = [];
  patience.start(60_000, () => ends.push("long"));
  await new Promise<void>((resolve) => patience.start(1, resolve));
  patience.start(5, () => ends.push("short"));
  const startedAt = performance.now();
  await new Promise<void>((resolve) => patience.start(40, resolve));
  assert.ok(performance.now() - startedAt >= 40);
  assert.deepEqual(ends, []);
});

test("what has ended can begin again from within, and time that is over already ends at once", async () => {
  const patience = createPatience();
  await new Promise<void>((resolve) => patience.start(1, () => patience.start(-5, resolve)));
});

test("many short waits share a timer", async (t) => {
  const timers = countTimers(t);
  const patience = createPatience();
  for (let call = 0; call < 1000; call += 1) {
    patience.start(60_000 + call, () => assert.fail("nothing has waited that long"));
    patience.stop();
  }
  assert.equal(timers.count, 1);
  await new Promise<void>((resolve) => patience.start(1, resolve));
});
