import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { ServiceError } from "../../base/errors.ts";
import { testAssignment } from "../../worker/testing/fixtures.ts";
import type { ProvisionedVersion } from "../contract.ts";
import { createInvoker, type InvokerOptions } from "../invoker.ts";
import { createFakeWorker } from "../testing/fake-worker.ts";

const scope = { account: "000000000000", region: "us-east-1" };

function bench(t: TestContext, options: Partial<InvokerOptions> = {}) {
  const time = { now: 1_000_000 };
  const worker = createFakeWorker(() => time.now);
  const errors: unknown[] = [];
  let pending = false;
  const invoker = createInvoker({
    worker,
    clock: () => time.now,
    report: (error) => void errors.push(error),
    provisionRetryMs: 1,
    waitMs: 60,
    directory: {
      accountConcurrency: () => 1000,
      resolve(_scope, functionName, version = "$LATEST") {
        if (pending) throw new ServiceError("ResourceConflictException", "Pending", { status: 409 });
        const key = `${functionName}:${version}`;
        return {
          functionName,
          version,
          invokedArn: key,
          key,
          assignment: async () => testAssignment({ key, functionName, version, memoryMB: 128 }),
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
    time,
    worker,
    errors,
    invoker,
    setPending: (value: boolean) => void (pending = value),
    want: (...wanted: ProvisionedVersion[]) => invoker.provision(scope, "f", wanted),
    state: (version = "1") => invoker.state(scope, "f", version),
    call: (functionName: string, qualifier: string) =>
      invoker.invoke({ scope, functionName, qualifier, requestId: "r", payload: Buffer.from("{}"), tail: false }),
  };
}

const version = (count: number, revision = "a", name = "1"): ProvisionedVersion => ({ version: name, count, revision });

/** What does not come true within many turns never will. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    assert.ok(turn < 3000, `never: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

test("as many are initialised at once as the host has room for, until all are there", async (t) => {
  const { worker, want, state } = bench(t, { provisionParallel: 2 });
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  want(version(5));
  await until(() => worker.environments.length === 0 && state().status === "IN_PROGRESS");
  assert.deepEqual(state(), { status: "IN_PROGRESS", allocated: 0, available: 0 });
  gate.resolve();
  await until(() => state().status === "READY");
  assert.deepEqual(state(), { status: "READY", allocated: 5, available: 5 });
  want(version(5));
  want(version(3, "b"));
  assert.equal(state().status, "READY");
  await until(() => worker.alive.length === 3);
  want(version(1, "c"), version(2, "c", "2"));
  await until(() => state("2").status === "READY" && worker.alive.length === 3);
  want();
  await until(() => worker.alive.length === 0);
  assert.deepEqual(state(), { status: "IN_PROGRESS", allocated: 0, available: 0 });
});

test("what is wanted no more while it starts is ended, and what runs a call goes after it", async (t) => {
  const { worker, want, state, call } = bench(t);
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  want(version(1));
  want();
  gate.resolve();
  await until(() => worker.environments.length === 1 && worker.alive.length === 0);
  want(version(1));
  await until(() => state().status === "READY");
  const running = call("f", "1");
  await until(() => worker.environments[1]?.calls === 1);
  want();
  assert.equal(worker.alive.length, 1);
  worker.environments[1]?.answer();
  assert.equal((await running).status, "success");
  await until(() => worker.alive.length === 0);
});

test("they are not given up as unused, and those that are too old are replaced one by one", async (t) => {
  const { time, worker, want, state } = bench(t, { environmentIdleMs: 40, environmentMaxAgeMs: 1000 });
  want(version(2));
  await until(() => state().status === "READY");
  time.now += 500;
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.equal(worker.environments.length, 2);
  time.now += 500;
  await until(() => worker.environments.length === 4 && worker.alive.length === 2);
  assert.deepEqual(
    worker.environments.slice(0, 2).map(({ retired }) => retired),
    ["age", "age"],
  );
  assert.equal(state().status, "READY");
});

test("a full host says so, does not take them for other functions, and serves them once it has room", async (t) => {
  const { worker, want, state, call, errors } = bench(t, { hostMemoryMB: 256 });
  want(version(3));
  await until(() => state().status === "FAILED");
  assert.equal(state().available, 2);
  assert.match(state().reason ?? "", /^Rate Exceeded\. This host has no memory/);
  assert.ok(errors.length > 0);
  await assert.rejects(call("g", "1"), { code: "TooManyRequestsException" });
  assert.equal(worker.alive.length, 2);
  want(version(2, "b"));
  await until(() => state().status === "READY");
});

test("a version that is not prepared yet is waited for; a failed init phase is tried again", async (t) => {
  const { worker, want, state, setPending, errors } = bench(t);
  setPending(true);
  want(version(1));
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(state(), { status: "IN_PROGRESS", allocated: 0, available: 0 });
  worker.initFailure = "Runtime.ExitError";
  setPending(false);
  await until(() => state().status === "FAILED");
  assert.equal(state().reason, "FUNCTION_ERROR_INIT_FAILURE");
  worker.initFailure = undefined;
  await until(() => state().status === "READY");
  assert.deepEqual(errors, []);
});

test("a call that comes before they are there starts an environment of its own, and does not wait for a failing one", async (t) => {
  const { worker, want, call } = bench(t);
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  worker.initFailure = "Runtime.ExitError";
  want(version(1));
  const answer = call("f", "1");
  worker.initFailure = undefined;
  gate.resolve();
  await until(() => worker.environments.some(({ calls }) => calls === 1));
  worker.environments.find(({ calls }) => calls === 1)?.answer();
  assert.equal((await answer).status, "success");
});

test("those of a version that another takes the place of stay until the new ones are there, or have failed", async (t) => {
  const { worker, want, state } = bench(t);
  const alive = (name: string): number => worker.alive.filter(({ key }) => key === `f:${name}`).length;
  want(version(2));
  await until(() => state().status === "READY");
  const gate = Promise.withResolvers<void>();
  worker.gate = gate.promise;
  want(version(1, "b", "2"));
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual([alive("1"), state("2").status], [2, "IN_PROGRESS"]);
  // Of the old version nothing is wanted any more, and one that ends is not replaced.
  assert.deepEqual(state("1"), { status: "IN_PROGRESS", allocated: 0, available: 0 });
  worker.alive[0]?.die();
  // Back again: one is there, one is missing.
  want(version(2, "c"));
  assert.equal(state("1").allocated, 1);
  want(version(1, "d", "2"));
  worker.gate = undefined;
  gate.resolve();
  await until(() => state("2").status === "READY" && alive("1") === 0);
  worker.initFailure = "Runtime.ExitError";
  want(version(1, "e", "3"));
  await until(() => state("3").status === "FAILED" && alive("2") === 0);
  worker.initFailure = undefined;
  want();
  await until(() => worker.alive.length === 0);
});

test("on a host without room for both, the old ones go first, and nothing is said to have failed", async (t) => {
  const { worker, want, state, errors } = bench(t, { hostMemoryMB: 256 });
  want(version(2));
  await until(() => state().status === "READY");
  want(version(2, "b", "2"));
  const seen = new Set<string>();
  await until(() => {
    seen.add(state("2").status);
    return state("2").status === "READY";
  });
  assert.deepEqual([...seen], ["IN_PROGRESS", "READY"]);
  assert.equal(worker.alive.length, 2);
  // The operator hears of it all the same.
  assert.ok(errors.length > 0);
});
