import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test, type TestContext } from "node:test";
import { KilnError, ServiceError } from "../base/errors.ts";
import { testAssignment } from "../worker/testing/fixtures.ts";
import { INVOKE_CHANNEL, type InvokeAnswer, type InvokeEvent, type Invoker, type Target } from "./contract.ts";
import { createInvoker, type InvokerOptions } from "./invoker.ts";
import { createFakeWorker, type FakeWorker } from "./testing/fake-worker.ts";

const scope = { account: "000000000000", region: "us-east-1" };

interface Bench {
  invoker: Invoker;
  worker: FakeWorker;
  /** Current key of each function. */
  keys: Map<string, string>;
  errors: unknown[];
  time: { now: number };
  call: (functionName?: string) => Promise<InvokeAnswer>;
}

function bench(
  t: TestContext,
  options: Partial<InvokerOptions> & { memoryMB?: number; concurrency?: number } = {},
): Bench {
  const time = { now: 1_000_000 };
  const worker = createFakeWorker(() => time.now);
  const keys = new Map([
    ["f", "f1"],
    ["g", "g1"],
  ]);
  const errors: unknown[] = [];
  const invoker = createInvoker({
    worker,
    clock: () => time.now,
    settleMs: 20,
    waitMs: 60,
    requestRate: Number.POSITIVE_INFINITY,
    report: (error) => void errors.push(error),
    directory: {
      accountConcurrency: () => options.concurrency ?? 1000,
      resolve(_scope, functionName): Target {
        const key = keys.get(functionName);
        if (key === undefined) throw new ServiceError("ResourceNotFoundException", "no", { status: 404 });
        return {
          functionName,
          version: "$LATEST",
          invokedArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
          key,
          assignment: async () => testAssignment({ key, functionName, memoryMB: options.memoryMB ?? 128 }),
        };
      },
    },
    ...options,
  });
  t.after(async () => {
    await invoker.close(0);
    await worker.close(0);
    assert.deepEqual(worker.alive, []);
  });
  return {
    invoker,
    worker,
    keys,
    errors,
    time,
    call: (functionName = "f") =>
      invoker.invoke({ scope, functionName, requestId: "r", payload: Buffer.from("{}"), tail: false }),
  };
}

/** Lets everything that is ready run. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2));
const payload = (answer: InvokeAnswer): string => Buffer.from(answer.payload).toString();

test("warm environments are reused, the last one first", async (t) => {
  const { call, worker } = bench(t);
  const first = call();
  const second = call();
  await settle();
  assert.equal(worker.environments.length, 2);
  worker.environments[1]?.answer();
  worker.environments[0]?.answer();
  assert.equal(payload(await second), "e1");
  assert.equal((await first).executedVersion, "$LATEST");
  for (let n = 0; n < 3; n++) {
    const next = call();
    await settle();
    worker.environments[0]?.answer();
    assert.equal(payload(await next), "e0");
  }
  assert.equal(worker.environments.length, 2);
});

test("an environment that has to start again comes after the warm ones", async (t) => {
  const { call, worker } = bench(t);
  const both = [call(), call()];
  await settle();
  worker.environments[0]?.answer();
  const reset = worker.environments[1];
  if (reset !== undefined) reset.cold = true;
  reset?.answer();
  await Promise.all(both);
  const next = call();
  await settle();
  worker.environments[0]?.answer();
  assert.equal(payload(await next), "e0");
});

test("a call that waits for a start takes an environment that is free before", async (t) => {
  const { call, worker } = bench(t);
  const first = call();
  await settle();
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  const second = call();
  await settle();
  worker.environments[0]?.answer();
  await first;
  await settle();
  worker.environments[0]?.answer();
  assert.equal(payload(await second), "e0");
  gate.resolve();
  await settle();
  // The one that was started in vain is kept for the next call.
  const third = call();
  await settle();
  assert.equal(worker.environments.length, 2);
  worker.environments[0]?.answer();
  worker.environments[1]?.answer();
  await third;
});

test("an environment that has just answered is waited for before another is started", async (t) => {
  const { call, worker } = bench(t);
  const first = call();
  await settle();
  worker.environments[0]?.answer(true);
  await first;
  const second = call();
  await settle();
  assert.equal(worker.environments.length, 1);
  worker.environments[0]?.next();
  await settle();
  worker.environments[0]?.answer(true);
  assert.equal(payload(await second), "e0");
  // One that takes its time is not waited for any longer.
  const third = call();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(worker.environments.length, 2);
  worker.environments[1]?.answer();
  assert.equal(payload(await third), "e1");
});

test("an environment that ended before it saw the call costs nothing but time", async (t) => {
  const { call, worker } = bench(t);
  const first = call();
  await settle();
  worker.environments[0]?.answer();
  await first;
  (worker.environments[0] as { goneOnInvoke: boolean }).goneOnInvoke = true;
  const second = call();
  await settle();
  worker.environments[1]?.answer();
  assert.equal(payload(await second), "e1");
});

test("idle environments are ended after their time, and old ones take no more calls", async (t) => {
  const { call, worker, time } = bench(t, { environmentIdleMs: 40, environmentMaxAgeMs: 1000 });
  const first = call();
  await settle();
  worker.environments[0]?.answer();
  await first;
  time.now += 40;
  await new Promise((resolve) => setTimeout(resolve, 40));
  assert.equal(worker.environments[0]?.retired, "idle");
  const second = call();
  await settle();
  worker.environments[1]?.answer();
  await second;
  (worker.environments[1] as { lastUsedAt: number }).lastUsedAt = time.now + 2000;
  time.now += 1000;
  const third = call();
  await settle();
  assert.equal(worker.environments[1]?.retired, "age");
  worker.environments[2]?.answer();
  assert.equal(payload(await third), "e2");
});

test("a change retires the old key's environments without dropping a call", async (t) => {
  const { call, worker, keys, invoker } = bench(t);
  const first = call();
  const second = call();
  await settle();
  worker.environments[0]?.answer();
  await first;
  keys.set("f", "f2");
  const retired = invoker.retire(scope, "f");
  await settle();
  assert.equal(worker.environments[0]?.retired, "changed");
  assert.equal(worker.environments[1]?.retired, "changed");
  const third = call();
  await settle();
  assert.equal(worker.environments[2]?.key, "f2");
  worker.environments[2]?.answer();
  assert.equal(payload(await third), "e2");
  worker.environments[1]?.answer();
  assert.equal(payload(await second), "e1");
  await retired;
  keys.delete("f");
  await invoker.retire(scope, "f");
  assert.equal(worker.environments[2]?.retired, "deleted");
});

test("a start that is under way during a change serves its call and goes", async (t) => {
  const { call, worker, keys, invoker } = bench(t);
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  const first = call();
  await settle();
  keys.set("f", "f2");
  await invoker.retire(scope, "f");
  gate.resolve();
  await settle();
  worker.environments[0]?.answer();
  assert.equal(payload(await first), "e0");
  assert.equal(worker.environments[0]?.retired, "changed");
});

test("a full host ends the environment that was unused longest, then refuses clearly", async (t) => {
  const { call, worker, time } = bench(t, { hostMemoryMB: 256 });
  for (const name of ["f", "g"]) {
    time.now += 1;
    const answer = call(name);
    await settle();
    worker.environments.at(-1)?.answer();
    await answer;
  }
  const first = call("g");
  const second = call("g");
  await settle();
  assert.equal(worker.environments[0]?.retired, "idle");
  assert.equal(worker.environments.length, 3);
  await assert.rejects(call("f"), {
    code: "TooManyRequestsException",
    status: 429,
    message: /^Rate Exceeded\. This host has no memory for another execution environment of 128 MB: of 256 MB that/,
  });
  worker.environments[1]?.answer();
  worker.environments[2]?.answer();
  await Promise.all([first, second]);
});

test("a function larger than the host runs alone", async (t) => {
  const { call, worker } = bench(t, { hostMemoryMB: 256, memoryMB: 10_240 });
  const first = call();
  await settle();
  await assert.rejects(call("g"), { status: 429 });
  worker.environments[0]?.answer();
  await first;
});

test("a start that fails is the error of one call, and the next call tries again", async (t) => {
  const { call, worker } = bench(t);
  worker.failNext = new KilnError("SANDBOX_FAILED", "no");
  await assert.rejects(call(), { code: "SANDBOX_FAILED" });
  const second = call();
  await settle();
  worker.environments[0]?.answer();
  await second;
});

test("the account's concurrency is the limit of calls, not of environments", async (t) => {
  const { call, worker } = bench(t, { concurrency: 1 });
  const first = call();
  await assert.rejects(call(), { code: "TooManyRequestsException", message: "Rate Exceeded." });
  await settle();
  worker.environments[0]?.answer();
  await first;
  const second = call();
  await settle();
  worker.environments[0]?.answer();
  await second;
});

test("close refuses new calls and waits for the running one", async (t) => {
  const { call, worker, invoker } = bench(t);
  const first = call();
  await settle();
  const closed = invoker.close(10_000);
  await assert.rejects(call(), { status: 503 });
  await settle();
  worker.environments[0]?.answer();
  await first;
  await closed;
  assert.deepEqual(worker.alive, []);
});

test("every call is one event, whatever came of it", async (t) => {
  const events: InvokeEvent[] = [];
  const listener = (event: unknown): void => void events.push(event as InvokeEvent);
  subscribe(INVOKE_CHANNEL, listener);
  t.after(() => unsubscribe(INVOKE_CHANNEL, listener));
  const { call, worker, keys } = bench(t, { concurrency: 1 });
  const first = call();
  await assert.rejects(call());
  await settle();
  worker.environments[0]?.answer();
  await first;
  keys.delete("f");
  await assert.rejects(call());
  worker.failNext = new KilnError("SANDBOX_FAILED", "no");
  await assert.rejects(call("g"));
  assert.deepEqual(
    events.map(({ functionName, version, outcome, concurrency, result }) => [
      functionName,
      version,
      outcome,
      concurrency,
      result?.billedMs,
    ]),
    [
      ["f", "$LATEST", "throttled", 0, undefined],
      ["f", "$LATEST", "success", 1, 1],
      ["f", undefined, "refused", 0, undefined],
      ["g", "$LATEST", "fault", 1, undefined],
    ],
  );
});
