import assert from "node:assert/strict";
import { test } from "node:test";
import { KilnError } from "../../base/errors.ts";
import { createHoldings, startHolding } from "./holdings.ts";

function busy(): never {
  throw new Error("still busy");
}

test("what is held is given back once, the last first, also where a step fails", async () => {
  const holdings = createHoldings();
  const given: number[] = [];
  holdings.add(() => void given.push(1));
  holdings.add(busy);
  holdings.add(async () => void given.push(3));
  await assert.rejects(holdings.release(), /busy/);
  await holdings.release();
  assert.deepEqual(given, [3, 1]);
});

test("a start that works keeps what it holds", async () => {
  const given: string[] = [];
  const held = await startHolding("it", async (holdings) => {
    holdings.add(() => void given.push("given"));
    return holdings;
  });
  assert.deepEqual(given, []);
  await held.release();
  assert.deepEqual(given, ["given"]);
});

test("a start that fails gives back what it held, and says why it failed", async () => {
  const given: string[] = [];
  const failing = (error: unknown, step: () => void) =>
    startHolding("jail x", async (holdings) => {
      holdings.add(() => void given.push("given"));
      holdings.add(step);
      throw error;
    });
  const own = new KilnError("IMAGE_MISSING", "there is no image");
  await assert.rejects(
    failing(own, () => undefined),
    (error) => error === own,
  );
  const cause = new Error("no room");
  await assert.rejects(
    failing(cause, () => undefined),
    (error) => error instanceof KilnError && error.code === "SANDBOX_FAILED" && error.cause === cause,
  );
  await assert.rejects(failing(own, busy), /jail x: .*there is no image.*still busy/);
  assert.deepEqual(given, ["given", "given", "given"]);
});
