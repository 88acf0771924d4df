import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createFreezer, type Freezer } from "./freezer.ts";

function bench(afterMs: number): { freezer: Freezer; did: string[] } {
  const did: string[] = [];
  const jail = { freeze: () => void did.push("freeze"), thaw: () => void did.push("thaw") };
  return { freezer: createFreezer(jail, afterMs), did };
}

/** The freezer's timers keep no process running; a test needs one that does. */
const frozen = async (freezer: Freezer): Promise<void> => {
  while (!freezer.frozen) await sleep(1);
};

test("frozen once it has been idle, and thawed once", async () => {
  const { freezer, did } = bench(5);
  freezer.idle();
  await frozen(freezer);
  freezer.busy();
  freezer.busy();
  freezer.idle();
  await frozen(freezer);
  assert.deepEqual(did, ["freeze", "thaw", "freeze"]);
});

test("never while it is busy, and not at once after a call that came in between", async () => {
  const { freezer, did } = bench(20);
  for (let n = 0; n < 20; n++) {
    freezer.idle();
    await sleep(1);
    freezer.busy();
    await sleep(1);
  }
  await sleep(25);
  assert.deepEqual(did, []);
  freezer.idle();
  freezer.close();
  await sleep(25);
  assert.deepEqual(did, []);
});

test("where nothing can be frozen, nothing is", async () => {
  const freezer = createFreezer({}, 1);
  freezer.idle();
  await sleep(5);
  assert.equal(freezer.frozen, false);
});
