/** Pre-booted jails, with real ones. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ENVIRONMENT_CHANNEL, type EnvironmentEvent } from "../../src/worker/contract.ts";
import { testCall } from "../../src/worker/testing/fixtures.ts";
import { openRealWorker, text, type RealWorker } from "./support.ts";

let real: RealWorker;
const events: EnvironmentEvent[] = [];
const listener = (event: unknown): void => void events.push(event as EnvironmentEvent);
before(async () => {
  subscribe(ENVIRONMENT_CHANNEL, listener);
  real = await openRealWorker({ pool: { size: 1, refillDelayMs: 1 } });
});
after(async () => {
  await real.close();
  unsubscribe(ENVIRONMENT_CHANNEL, listener);
  assert.equal(
    events.filter(({ step }) => step === "started").length,
    events.filter(({ step }) => step === "ended").length,
  );
});

const source = (name: string): string =>
  `export const handler = async () => ["${name}", process.env.MINE, process.env.KILN_PREBOOT ?? null, process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE];`;

test("two functions of the same runtime, the second from the pool, each with its own code and variables", async () => {
  for (let round = 0; ; round++) {
    const name = `f${round}`;
    const environment = await real.start(source(name), { environment: { MINE: name }, memoryMB: 256 });
    const result = await environment.invoke(testCall());
    assert.deepEqual(JSON.parse(text(result.payload)), [name, name, null, "256"]);
    await environment.retire("idle");
    const started = events.findLast(({ step }) => step === "started");
    if (started?.preboot === true) break;
    assert.ok(round < 50, "the pool is never filled");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
});

test("a function whose variables are read at process start does not come from the pool", async () => {
  const environment = await real.start("export const handler = async () => process.execArgv.length;", {
    environment: { NODE_OPTIONS: "--no-warnings" },
  });
  await environment.invoke(testCall());
  assert.equal(events.findLast(({ step }) => step === "started")?.preboot, false);
  await environment.retire("idle");
});

test("the memory limit of a pre-booted jail is the function's", async () => {
  const environment = await real.start(
    "export const handler = async () => { const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1)); };",
    { memoryMB: 256, timeoutSeconds: 60 },
  );
  const result = await environment.invoke(testCall());
  assert.match(text(result.payload), /Runtime\.OutOfMemory/);
  await environment.retire("idle");
});
