import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Assignment, Environment } from "./contract.ts";
import { createFakeSandbox, type FakeGuest, type FakeSandbox } from "./testing/fake-sandbox.ts";
import { createRuntimeClient, serve } from "./testing/fake-runtime.ts";
import { memoryLog, testAssignment, testCall, testRuntimes, type MemoryLog } from "./testing/fixtures.ts";
import { createWorker, type WorkerOptions } from "./worker.ts";

interface Bench {
  sandbox: FakeSandbox;
  log: MemoryLog;
  start: (changes?: Partial<Assignment>) => Promise<Environment>;
}

/** A worker on a fake sandbox; after the test nothing of it may be left. */
function bench(
  t: TestContext,
  program: (guest: FakeGuest) => Promise<void>,
  options: Partial<WorkerOptions> = {},
  preboot = false,
): Bench {
  const sandbox = createFakeSandbox(program, preboot);
  const log = memoryLog();
  const errors: unknown[] = [];
  const worker = createWorker({
    sandbox,
    runtimes: testRuntimes,
    logs: log,
    report: (error) => void errors.push(error),
    ...options,
  });
  t.after(async () => {
    await worker.close(0);
    assert.equal(sandbox.alive, 0, "jails are left");
    assert.equal(log.openStreams, 0, "log streams are left");
    assert.deepEqual(errors, []);
  });
  return { sandbox, log, start: (changes) => worker.start(testAssignment(changes)) };
}

async function untilIdle(environment: Environment): Promise<void> {
  while (!environment.idle) await new Promise((resolve) => setTimeout(resolve, 2));
}

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();
const echo = (guest: FakeGuest): Promise<void> => serve(guest, (event) => event);

test("a cold call, then warm ones in the same environment", async (t) => {
  const { start, sandbox, log } = bench(t, (guest) =>
    serve(guest, (event) => {
      guest.stdout(`got ${event}\n`);
      return event;
    }),
  );
  const environment = await start();
  const first = testCall({ payload: Buffer.from('{"n":1}'), tail: true });
  const cold = await environment.invoke(first);
  assert.equal(text(cold.payload), '{"n":1}');
  assert.equal(cold.functionError, undefined);
  assert.ok(cold.initMs !== undefined);
  assert.equal(cold.billedMs, Math.ceil(cold.durationMs + cold.initMs));
  assert.equal(cold.maxMemoryMB, 40);
  const id = first.requestId;
  const lines = text(cold.logTail).split("\n");
  assert.equal(lines[0], `START RequestId: ${id} Version: $LATEST`);
  assert.equal(lines[1], 'got {"n":1}');
  assert.equal(lines[2], `END RequestId: ${id}`);
  assert.match(
    lines[3] ?? "",
    new RegExp(
      `^REPORT RequestId: ${id}\\tDuration: \\d+\\.\\d\\d ms\\tBilled Duration: \\d+ ms\\tMemory Size: 128 MB\\t` +
        `Max Memory Used: 40 MB\\tInit Duration: \\d+\\.\\d\\d ms\\t$`,
    ),
  );
  const warm = await environment.invoke(testCall({ payload: Buffer.from("2") }));
  assert.equal(text(warm.payload), "2");
  assert.equal(warm.initMs, undefined);
  assert.equal(warm.logTail, undefined);
  assert.equal(sandbox.guests.length, 1);
  assert.equal(
    log.lines[0],
    "INIT_START Runtime Version: nodejs:24\tRuntime Version ARN: arn:aws:lambda:us-east-1::runtime:test",
  );
  assert.match(log.streams[0] ?? "", /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
});

test("an error that the function reports goes to the caller as it is, and the environment lives on", async (t) => {
  const body = '{"errorType":"TypeError","errorMessage":"no","trace":[]}';
  const { start } = bench(t, async (guest) => {
    const client = createRuntimeClient(guest.port);
    for (;;) {
      const event = await client.next();
      await client.fail(String(event.headers["lambda-runtime-aws-request-id"]), body, "Function.TypeError");
    }
  });
  const environment = await start();
  for (let n = 0; n < 2; n++) {
    const result = await environment.invoke(testCall());
    assert.equal(result.functionError, "Unhandled");
    assert.equal(text(result.payload), body);
    assert.equal(environment.alive, true);
  }
});

test("an environment is good for as many calls as its memory allows", async (t) => {
  const { start } = bench(t, (guest) => serve(guest, () => "1"));
  // A sixteenth of it is 2 calls' worth.
  const environment = await start({ memoryMB: (2 * 200 * 16) / 1024 ** 2 });
  const worn: boolean[] = [];
  for (let n = 0; n < 3; n++) {
    worn.push(environment.worn);
    await environment.invoke(testCall());
    await untilIdle(environment);
  }
  assert.deepEqual(worn, [false, false, true]);
});

test("a call that is too slow is answered and its environment ended", async (t) => {
  const { start, log } = bench(t, (guest) => serve(guest, () => new Promise(() => undefined)));
  const environment = await start({ timeoutSeconds: 0.2 });
  const call = testCall();
  const result = await environment.invoke(call);
  assert.equal(
    text(result.payload),
    `{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: ${call.requestId} Error: Task timed out after 0.20 seconds"}`,
  );
  assert.equal(result.functionError, "Unhandled");
  assert.equal(result.status, "timeout");
  assert.equal(result.durationMs, 200);
  await untilIdle(environment);
  assert.ok(log.lines.some((line) => line.endsWith(`${call.requestId} Task timed out after 0.20 seconds`)));
  assert.match(log.lines.at(-1) ?? "", /\tDuration: 200\.00 ms\t.*\tStatus: timeout$/);
});

for (const [name, exit, type, message] of [
  ["status 1", { status: 1 }, "Runtime.ExitError", "Runtime exited with error: exit status 1"],
  ["status 0", { status: 0 }, "Runtime.ExitError", "Runtime exited without providing a reason"],
  [
    "a signal",
    { status: null, signal: "SIGSEGV" },
    "Runtime.ExitError",
    "Runtime exited with error: signal: segmentation fault",
  ],
  [
    "no memory",
    { status: null, signal: "SIGKILL", oomKilled: true },
    "Runtime.OutOfMemory",
    "Runtime exited with error: signal: killed",
  ],
] as const) {
  test(`a runtime that exits during a call: ${name}`, async (t) => {
    const { start, log } = bench(t, (guest) =>
      serve(guest, () => {
        guest.stdout("last words");
        guest.exit(exit);
        return new Promise(() => undefined);
      }),
    );
    const environment = await start();
    const call = testCall();
    const result = await environment.invoke(call);
    assert.equal(
      text(result.payload),
      `{"errorType":"${type}","errorMessage":"RequestId: ${call.requestId} Error: ${message}"}`,
    );
    assert.equal(result.status, "error");
    await untilIdle(environment);
    const id = call.requestId;
    assert.deepEqual(log.lines.slice(1, 5), [
      `START RequestId: ${id} Version: $LATEST`,
      "last words",
      `RequestId: ${id} Error: ${message}\n${type}`,
      `END RequestId: ${id}`,
    ]);
    assert.match(log.lines.at(-1) ?? "", new RegExp(`Status: error\\tError Type: ${type.replace(".", "\\.")}$`));
    if (type === "Runtime.OutOfMemory") assert.equal(result.maxMemoryMB, 128);
  });
}

test("after a timeout or a crash the environment goes on: a new guest on the time of the next call", async (t) => {
  for (const failure of ["timeout", "crash"]) {
    let guests = 0;
    const { start, sandbox, log } = bench(t, async (guest) => {
      guests += 1;
      const first = guests === 1;
      await serve(guest, (event) => {
        if (!first) return event;
        if (failure === "crash") guest.exit({ status: 1 });
        return new Promise(() => undefined);
      });
    });
    const environment = await start({ timeoutSeconds: 0.3 });
    const failed = await environment.invoke(testCall());
    assert.equal(failed.status, failure === "crash" ? "error" : "timeout");
    await untilIdle(environment);
    assert.equal(sandbox.alive, 0, "the old guest is gone");
    const result = await environment.invoke(testCall({ payload: Buffer.from("1") }));
    assert.equal(text(result.payload), "1");
    assert.equal(result.initMs, undefined);
    assert.equal(log.streams.length, 1);
    assert.equal(log.lines.filter((line) => line.startsWith("INIT_START")).length, 1);
    assert.equal(text((await environment.invoke(testCall({ payload: Buffer.from("2") }))).payload), "2");
    assert.equal(sandbox.guests.length, 2);
  }
});

test("an environment that is kept ready is not reset: another one takes its place", async (t) => {
  const { start } = bench(t, (guest) => serve(guest, () => new Promise(() => undefined)));
  const environment = await start({ timeoutSeconds: 0.1, initializationType: "provisioned-concurrency" });
  assert.equal((await environment.invoke(testCall())).status, "timeout");
  assert.equal(environment.alive, false);
  await environment.gone;
});

test("an init error is tried once more on the call's time, then passed through", async (t) => {
  const body = '{"errorType":"Runtime.ImportModuleError","errorMessage":"Cannot find module"}';
  const { start, log, sandbox } = bench(t, async (guest) => {
    await createRuntimeClient(guest.port).initError(body, "Runtime.ImportModuleError");
    throw new Error("exit 1");
  });
  const environment = await start();
  const call = testCall();
  const result = await environment.invoke(call);
  assert.equal(text(result.payload), body);
  assert.equal(result.initMs, undefined);
  assert.equal(sandbox.guests.length, 2);
  await environment.gone;
  const shape = log.lines.slice(1).map((line) => line.replace(/\d+\.\d\d ms/g, "N ms").replace(/\d+ ms/, "N ms"));
  assert.deepEqual(shape.slice(0, 4), [
    "INIT_REPORT Init Duration: N ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError",
    "INIT_REPORT Init Duration: N ms\tPhase: invoke\tStatus: error\tError Type: Runtime.ImportModuleError",
    `START RequestId: ${call.requestId} Version: $LATEST`,
    `END RequestId: ${call.requestId}`,
  ]);
  assert.match(shape[4] ?? "", /Max Memory Used: 40 MB\tStatus: error\tError Type: Runtime\.ImportModuleError$/);
});

test("an init phase that fails once and then works answers the call", async (t) => {
  let attempt = 0;
  const { start } = bench(t, async (guest) => {
    attempt += 1;
    if (attempt === 1) throw new Error("exit 1");
    await echo(guest);
  });
  const environment = await start();
  const result = await environment.invoke(testCall({ payload: Buffer.from('"x"') }));
  assert.equal(text(result.payload), '"x"');
  assert.equal(result.initMs, undefined);
  assert.equal(text((await environment.invoke(testCall({ payload: Buffer.from("3") }))).payload), "3");
});

test("an init phase that never ends is cut off, and again by the function's timeout", async (t) => {
  const { start, log, sandbox } = bench(t, () => new Promise(() => undefined), { initPhaseMs: 100 });
  const environment = await start({ timeoutSeconds: 0.2 });
  const result = await environment.invoke(testCall());
  assert.match(text(result.payload), /"errorType":"Sandbox\.Timedout"/);
  assert.equal(sandbox.guests.length, 2);
  assert.match(log.lines[1] ?? "", /^INIT_REPORT Init Duration: \d+\.\d\d ms\tPhase: init\tStatus: timeout$/);
  assert.match(log.lines[2] ?? "", /^INIT_REPORT Init Duration: 200\.00 ms\tPhase: invoke\tStatus: timeout$/);
  await environment.gone;
});

test("a response over the limit is AWS's error, and the environment lives on", async (t) => {
  const statuses: number[] = [];
  const { start } = bench(t, async (guest) => {
    const client = createRuntimeClient(guest.port);
    for (;;) {
      const event = await client.next();
      const id = String(event.headers["lambda-runtime-aws-request-id"]);
      statuses.push((await client.respond(id, event.body === "1" ? "x".repeat(6_291_557) : "ok")).status);
    }
  });
  const environment = await start();
  const result = await environment.invoke(testCall({ payload: Buffer.from("1") }));
  assert.equal(
    text(result.payload),
    '{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}',
  );
  while (!environment.idle) await new Promise((resolve) => setTimeout(resolve, 2));
  assert.equal(text((await environment.invoke(testCall({ payload: Buffer.from("2") }))).payload), "ok");
  assert.deepEqual(statuses[0], 413);
});

test("a runtime that dies between calls leaves a dead environment that refuses calls", async (t) => {
  const { start, sandbox } = bench(t, echo);
  const environment = await start();
  await environment.invoke(testCall());
  await untilIdle(environment);
  sandbox.guests[0]?.exit({ status: 1 });
  await environment.gone;
  await assert.rejects(environment.invoke(testCall()), { code: "ENVIRONMENT_GONE" });
});

test("retire waits for the running call", async (t) => {
  const work = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const { start } = bench(t, (guest) =>
    serve(guest, () => {
      begun.resolve();
      return work.promise;
    }),
  );
  const environment = await start();
  const answer = environment.invoke(testCall());
  await begun.promise;
  const retired = environment.retire("changed");
  assert.equal(environment.alive, false);
  work.resolve("done");
  assert.equal(text((await answer).payload), "done");
  await retired;
});

test("a pre-booted jail gets the function's variables, code and log, and is replaced", async (t) => {
  const { start, sandbox } = bench(
    t,
    async (guest) => {
      const client = createRuntimeClient(guest.port);
      let env: Record<string, string> = { ...guest.spec.env };
      if (env["KILN_PREBOOT"] === "1") {
        const given = await client.request("GET", "/kiln/2026-11-01/assignment");
        env = (JSON.parse(given.body) as { env: Record<string, string> }).env;
      }
      await serve(guest, () => JSON.stringify({ handler: env["_HANDLER"], mine: env["MINE"] }));
    },
    { pool: { refillDelayMs: 1 } },
    true,
  );
  const environment = await start({ environment: { MINE: "1" } });
  await environment.invoke(testCall());
  while (sandbox.guests.length < 2) await new Promise((resolve) => setTimeout(resolve, 2));
  const second = await start({ environment: { MINE: "2" } });
  const result = await second.invoke(testCall());
  assert.equal(text(result.payload), '{"handler":"index.handler","mine":"2"}');
  assert.equal(sandbox.guests[1]?.spec.env["KILN_PREBOOT"], "1");
  assert.deepEqual(sandbox.guests[1]?.tree, { code: "/dev/null" });
  const third = await start({ environment: { NODE_OPTIONS: "--no-warnings" } });
  await third.invoke(testCall());
  assert.equal(sandbox.guests.find((guest) => "NODE_OPTIONS" in guest.spec.env)?.spec.env["KILN_PREBOOT"], undefined);
});

test("a sandbox that fails rejects with KilnError; so does a runtime that is not there", async (t) => {
  const reported: unknown[] = [];
  const { start, sandbox } = bench(t, echo, { report: (error) => void reported.push(error) });
  await assert.rejects(start({ runtime: "cobol1.x" }), { code: "RUNTIME_MISSING" });
  assert.deepEqual(reported, []);
  sandbox.broken = true;
  await assert.rejects(start(), { code: "SANDBOX_FAILED" });
  assert.match(String(reported), /^KilnError: A jail could not be made, and is made once more\.$/);
});
