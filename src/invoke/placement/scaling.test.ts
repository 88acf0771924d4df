/** Bursts, bounds and the memory of the machine, with environments that do what the test says. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { ServiceError } from "../../base/errors.ts";
import { testAssignment } from "../../worker/testing/fixtures.ts";
import type { InvokeAnswer } from "../contract.ts";
import { createInvoker, type InvokerOptions } from "../invoker.ts";
import { createFakeWorker } from "../testing/fake-worker.ts";

const scope = { account: "000000000000", region: "us-east-1" };

function open(options: Partial<InvokerOptions> = {}, reserved?: number) {
  const worker = createFakeWorker(Date.now);
  const errors: unknown[] = [];
  const invoker = createInvoker({
    worker,
    settleMs: 1,
    requestRate: Number.POSITIVE_INFINITY,
    report: (error) => void errors.push(error),
    directory: {
      accountConcurrency: () => 1000,
      resolve: (_scope, functionName) => ({
        functionName,
        version: "1",
        invokedArn: functionName,
        key: functionName,
        ...(reserved === undefined ? {} : { reservedConcurrency: reserved }),
        assignment: async () => testAssignment({ key: functionName, functionName, memoryMB: 128 }),
      }),
    },
    ...options,
  });
  return {
    worker,
    errors,
    invoker,
    call: (functionName = "f", requestId = "r"): Promise<InvokeAnswer> =>
      invoker.invoke({ scope, functionName, requestId, payload: Buffer.from("{}"), tail: false }),
    async close() {
      // What still runs is answered.
      const answering = setInterval(() => worker.alive.forEach((environment) => environment.answer()), 1);
      await invoker.close(1000);
      await worker.close(0);
      clearInterval(answering);
      assert.deepEqual(worker.alive, []);
      assert.deepEqual(errors, []);
    },
  };
}

function bench(t: TestContext, ...options: Parameters<typeof open>): ReturnType<typeof open> {
  const opened = open(...options);
  t.after(() => opened.close());
  return opened;
}

const settle = (): Promise<void> => sleep(2);

test("a burst starts few environments at a time, and serves calls in the order of their arrival", async () => {
  const shape = fc.record({
    calls: fc.integer({ min: 1, max: 60 }),
    parallel: fc.integer({ min: 1, max: 4 }),
    hostMemoryMB: fc.constantFrom(128, 512, 100_000),
  });
  await fc.assert(
    fc.asyncProperty(shape, async ({ calls, parallel, hostMemoryMB }) => {
      const { worker, call, ...opened } = open({ startParallel: parallel, hostMemoryMB, waitMs: 60_000 });
      let inits: (() => void)[] = [];
      const answered = new Set<string>();
      const ids = Array.from({ length: calls }, (_, n) => String(n));
      const answers = ids.map((id) => call("f", id).then(() => void answered.add(id)));
      let begun = 0;
      for (let rounds = 0; answered.size < calls; rounds += 1) {
        assert.ok(rounds < 20 * calls + 50, "it hangs");
        worker.init = new Promise((resolve) => inits.push(resolve));
        await new Promise((resolve) => setImmediate(resolve));
        const started = worker.environments.length - begun;
        assert.ok(started <= parallel, `${started} starts at once`);
        assert.ok(worker.alive.length * 128 <= Math.max(128, hostMemoryMB), "more than the machine has");
        begun = worker.environments.length;
        for (const done of inits) done();
        inits = [];
        worker.alive.find(({ idle }) => !idle)?.answer();
      }
      await Promise.all(answers);
      assert.deepEqual(worker.begun, ids);
      await opened.close();
    }),
    { numRuns: 40 },
  );
});

test("the burst of one function does not hold up the first call of another", async (t) => {
  const { worker, call } = bench(t, { startParallel: 1 });
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  const burst = Array.from({ length: 50 }, () => call("f"));
  await settle();
  const other = call("g");
  worker.gate = undefined;
  gate.resolve();
  await settle();
  assert.ok(worker.environments.slice(0, 3).some(({ key }) => key === "g"));
  worker.environments.find(({ key }) => key === "g")?.answer();
  await other;
  const answering = setInterval(() => worker.alive.forEach((environment) => environment.answer()), 1);
  await Promise.all(burst);
  clearInterval(answering);
});

test("an init phase that goes on for long does not hold up other starts", async (t) => {
  const { worker, call } = bench(t, { startParallel: 1, startHoldMs: 5 });
  worker.init = new Promise(() => undefined);
  const calls = [call("f"), call("g")];
  while (worker.environments.length < 2) await settle();
  worker.environments.forEach((environment) => environment.answer());
  await Promise.all(calls);
});

test("what the host cannot hold is throttled after a while, and says why", async (t) => {
  const { worker, call } = bench(t, { hostMemoryMB: 256, waitMs: 30 });
  const calls = Array.from({ length: 5 }, () => call());
  const outcomes = Promise.allSettled(calls);
  while (worker.environments.length < 2) await settle();
  await sleep(60);
  worker.environments.forEach((environment) => environment.answer());
  const settled = await outcomes;
  assert.deepEqual(
    settled.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected", "rejected", "rejected"],
  );
  const { reason } = settled[4] as PromiseRejectedResult;
  assert.ok(reason instanceof ServiceError);
  assert.equal(reason.code, "TooManyRequestsException");
  assert.equal(reason.members?.["Reason"], "ConcurrentInvocationLimitExceeded");
  assert.match(reason.message, /no memory for another .* of 128 MB/);
});

for (const [reserved, reason] of [
  [undefined, "FunctionInvocationRateLimitExceeded"],
  [500, "ReservedFunctionInvocationRateLimitExceeded"],
] as const) {
  test(`a function that grows too fast is throttled: ${reason}`, async (t) => {
    const { worker, call } = bench(t, { growthPer10s: 5, startParallel: 50 }, reserved);
    const outcomes = Promise.allSettled(Array.from({ length: 8 }, () => call()));
    await settle();
    assert.equal(worker.environments.length, 5);
    worker.environments.forEach((environment) => environment.answer());
    const refused = (await outcomes).filter((each) => each.status === "rejected");
    assert.deepEqual(
      refused.map((each) => (each.reason as { members: { Reason: string } }).members.Reason),
      [reason, reason, reason],
    );
    // What it has grown to it has: calls that find environments are as many as before.
    const again = Array.from({ length: 5 }, () => call());
    worker.environments.forEach((environment) => environment.answer());
    await Promise.all(again);
    // Other functions grow by themselves.
    const other = call("g");
    await settle();
    worker.environments.at(-1)?.answer();
    await other;
  });
}

test("frozen environments count with what they use: they are promised their memory again when they are called", async (t) => {
  let usedMB = 0;
  const { worker, call } = bench(t, { gauge: { availableMB: () => 400 - usedMB, pressed: () => false }, waitMs: 5000 });
  async function used(name: string): Promise<void> {
    const answer = call(name);
    while (!worker.alive.some(({ key, idle }) => key === name && !idle)) await settle();
    worker.alive.find(({ key }) => key === name)?.answer();
    await answer;
  }
  for (const name of ["a", "b", "c", "d", "e", "f"]) {
    await used(name);
    const environment = worker.alive.find(({ key }) => key === name);
    if (environment !== undefined) environment.frozen = true;
    usedMB += 20;
    void environment?.gone.then(() => (usedMB -= 20));
  }
  // 6 × 128 MB are more than 400, and yet they are all there.
  assert.equal(worker.alive.length, 6);
  const awake = ["a", "b"].map((name) => {
    const answer = call(name);
    const environment = worker.alive.find(({ key }) => key === name);
    if (environment !== undefined) environment.frozen = false;
    return answer;
  });
  // 280 - 256 MB are left: a third needs room that others have to make.
  const third = call("c");
  await sleep(20);
  assert.equal(worker.alive.filter(({ key }) => "def".includes(key)).length, 0);
  worker.alive.forEach((environment) => environment.answer());
  await Promise.all(awake);
  while (!worker.alive.some(({ key, idle }) => key === "c" && !idle)) await settle();
  worker.alive.find(({ key }) => key === "c")?.answer();
  await third;
});

test("under pressure the pool goes first, then idle environments, the least recently used before the others", async (t) => {
  let pressed = false;
  const { worker, call } = bench(t, { gauge: { availableMB: () => 100_000, pressed: () => pressed } });
  const calls = Array.from({ length: 12 }, () => call());
  while (worker.environments.length < 12) await settle();
  for (const environment of worker.environments) {
    await sleep(1);
    environment.answer();
  }
  await Promise.all(calls);
  worker.pooled = 3;
  pressed = true;
  while (worker.pooled > 0) await sleep(20);
  assert.equal(worker.alive.length, 12);
  while (worker.alive.length === 12) await sleep(20);
  pressed = false;
  assert.deepEqual(
    worker.environments.filter(({ retired }) => retired !== undefined).map(({ id }) => id),
    ["e0", "e1"],
  );
});

test("an environment that is never without a call retires at its age all the same, and drops none", async (t) => {
  let now = 1_000_000;
  const { worker, call } = bench(t, {
    clock: () => now,
    environmentMaxAgeMs: 1000,
    startParallel: 1,
    hostMemoryMB: 128,
  });
  const calls = Array.from({ length: 6 }, () => call());
  while (worker.environments.length === 0) await settle();
  const [first] = worker.environments;
  first?.answer();
  await settle();
  assert.equal(first?.retired, undefined);
  now += Date.now();
  first?.answer();
  assert.equal(first?.retired, "age");
  const answering = setInterval(() => worker.alive.forEach((environment) => environment.answer()), 1);
  await Promise.all(calls);
  clearInterval(answering);
  assert.equal(first?.calls, 2);
});

test("an environment that has had as many calls as it is good for retires, between two of them", async (t) => {
  const { worker, call } = bench(t, { startParallel: 1, hostMemoryMB: 128 });
  const calls = Array.from({ length: 3 }, () => call());
  while (worker.environments.length === 0) await settle();
  const [first] = worker.environments;
  assert.ok(first);
  first.worn = true;
  assert.equal(first.retired, undefined);
  first.answer();
  assert.equal(first.retired, "age");
  const answering = setInterval(() => worker.alive.forEach((environment) => environment.answer()), 1);
  await Promise.all(calls);
  clearInterval(answering);
  assert.deepEqual([first.calls, worker.environments.length], [1, 2]);
});

test("an environment whose snapshot is taken counts like any other, and waits for its memory", async (t) => {
  const { worker, invoker, call } = bench(t, { hostMemoryMB: 256, waitMs: 60_000 });
  const giveBack = await invoker.reserve(128);
  const answers = [call("f", "0"), call("f", "1")];
  await settle();
  assert.equal(worker.alive.length, 1, "it has half of the machine");
  giveBack();
  giveBack();
  while (worker.alive.length < 2) await settle();

  let reserved = false;
  const next = invoker.reserve(128).then((done) => {
    reserved = true;
    return done;
  });
  await sleep(20);
  assert.equal(reserved, false, "calls have all of it");
  for (const environment of worker.alive) environment.answer();
  await Promise.all(answers);
  (await next)();
});

test("who waits for memory hears of the end", async () => {
  const { invoker, ...opened } = open({ hostMemoryMB: 128 });
  await invoker.reserve(128);
  const waiting = assert.rejects(invoker.reserve(128), { code: "WORKER_CLOSED" });
  await opened.close();
  await waiting;
  await assert.rejects(invoker.reserve(128), { code: "WORKER_CLOSED" });
});
