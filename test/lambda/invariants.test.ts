/** Any calls of the control plane, one after the other and at once, with failures and restarts: the invariants hold. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { array, assert as check, asyncProperty, boolean, constantFrom, record } from "fast-check";
import {
  anyCall,
  beginning,
  callKinds,
  deleteEverything,
  perform,
  walkthrough,
  type Call,
  type Caller,
} from "../support/control-plane/calls.ts";
import { broken, leftBehind } from "../support/control-plane/invariants.ts";
import { everyDocument } from "../support/control-plane/state.ts";
import { startApi, type TestApi } from "./api.ts";
import { scope } from "./support.ts";

interface Step {
  /** At once. */
  calls: Call[];
  preparation: "well" | "fails" | "waits";
  restart: boolean;
}

const anyStep = record<Step>({
  calls: array(anyCall, { minLength: 1, maxLength: 6 }),
  preparation: constantFrom("well", "well", "well", "fails", "waits"),
  restart: boolean(),
});

const caller = ({ client }: TestApi): Caller => ({
  client,
  account: scope.account,
  zips: ["one", "two", "three", "four"].map((text) => Buffer.from(text)),
});

function holds({ dir, artifacts }: TestApi): void {
  assert.deepEqual(broken(everyDocument(dir), new Set(artifacts.stored.keys())), []);
}

async function leavesNothing(api: TestApi): Promise<void> {
  await deleteEverything(caller(api));
  await api.functions.settled();
  assert.deepEqual(leftBehind(everyDocument(api.dir)), []);
  assert.equal(api.artifacts.stored.size, 0);
}

it("every call keeps the invariants of the control plane", async (t) => {
  const api = await startApi(t);
  const calls = [...beginning, ...walkthrough];
  for (const call of calls) {
    assert.equal(await perform(caller(api), call), "ok", call.kind);
    holds(api);
    await api.functions.settled();
    holds(api);
  }
  await leavesNothing(api);
  const made = new Set(calls.map(({ kind }) => kind));
  assert.deepEqual(
    callKinds.filter((kind) => !made.has(kind)),
    [],
  );
  assert.deepEqual([api.faults, api.reports], [[], []]);
});

it("any calls keep the invariants of the control plane", { timeout: 180_000 }, async (t) => {
  const api = await startApi(t);
  const { artifacts } = api;
  const outcomes = new Map<string, number>();

  await check(
    asyncProperty(array(anyStep, { minLength: 10, maxLength: 30, size: "max" }), async (steps) => {
      try {
        for (const call of beginning) assert.equal(await perform(caller(api), call), "ok", call.kind);
        await api.functions.settled();
        for (const { calls, preparation, restart } of steps) {
          if (preparation === "waits") artifacts.hold();
          artifacts.failWith(preparation === "fails" ? new Error("failed") : undefined);
          const met = await Promise.all(calls.map((call) => perform(caller(api), call)));
          for (const [index, { kind }] of calls.entries()) {
            const outcome = `${kind} ${met[index]}`;
            outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          }
          holds(api);
          if (restart) await api.restart();
          artifacts.release();
          await api.functions.settled();
          holds(api);
        }
      } finally {
        artifacts.release();
        artifacts.failWith(undefined);
        await leavesNothing(api);
      }
    }),
    { numRuns: 60, interruptAfterTimeLimit: 25_000, endOnFailure: true },
  );
  const done = [...outcomes].filter(([outcome]) => outcome.endsWith(" ok"));
  assert.ok(done.length > callKinds.length / 2, `few calls were ever done: ${JSON.stringify([...outcomes])}`);
  assert.deepEqual(api.faults, []);
});
