/** The life of execution environments with real jails and the real Node.js runtime. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testCall } from "../../src/worker/testing/fixtures.ts";
import { openRealWorker, text, type RealWorker } from "./support.ts";

let real: RealWorker;
before(async () => {
  real = await openRealWorker({ initPhaseMs: 3000 });
});
after(() => real.close());

test("a call: answer, log, figures, variables", async () => {
  const environment = await real.start(
    `export const handler = async (event, context) => {
       console.log("line one\\nline two");
       return { event, id: context.awsRequestId, left: context.getRemainingTimeInMillis(), env: process.env, cwd: process.cwd() };
     };`,
    { environment: { MINE: "yes", LANG: "C.UTF-8", AWS_REGION: "mars" } },
  );
  const call = testCall({ payload: Buffer.from('{"n":1}'), tail: true });
  const result = await environment.invoke(call);
  const answer = JSON.parse(text(result.payload)) as {
    event: unknown;
    id: string;
    left: number;
    env: Record<string, string>;
    cwd: string;
  };
  assert.deepEqual(answer.event, { n: 1 });
  assert.equal(answer.id, call.requestId);
  assert.ok(answer.left > 5000 && answer.left <= 10_000, String(answer.left));
  const { env } = answer;
  assert.equal(env["MINE"], "yes");
  assert.equal(env["LANG"], "C.UTF-8");
  assert.equal(env["AWS_REGION"], "us-east-1");
  assert.equal(env["_HANDLER"], "index.handler");
  assert.equal(env["TZ"], ":UTC");
  assert.equal(env["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
  assert.equal(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "512");
  assert.equal(env["AWS_EXECUTION_ENV"], "AWS_Lambda_nodejs24.x");
  assert.equal(env["AWS_LAMBDA_LOG_STREAM_NAME"], real.log.streams.at(-1));
  assert.equal(answer.cwd, "/var/task");
  assert.ok(result.initMs !== undefined && result.initMs > 0);
  assert.ok(result.maxMemoryMB > 5 && result.maxMemoryMB < 512, String(result.maxMemoryMB));
  assert.match(text(result.logTail), /^START [^]*\tINFO\tline one\nline two\nEND [^]*\nREPORT [^\n]*\t\n$/);
  await environment.retire("idle");
});

test("everything that a call writes is in its tail", async () => {
  const environment = await real.start(
    `export const handler = async (event) => { for (let n = 0; n < 40; n++) process.stdout.write("out " + n + "\\n"); return event; };`,
  );
  for (let n = 0; n < 20; n++) {
    const result = await environment.invoke(testCall({ tail: true }));
    const lines = text(result.logTail).split("\n");
    assert.equal(lines.filter((line) => line.startsWith("out ")).length, 40);
    assert.match(lines.at(-2) ?? "", /^REPORT /);
  }
  await environment.retire("idle");
});

test("a flood of output is cut to the tail, and the call is answered", async () => {
  const environment = await real.start(
    `export const handler = async () => { const line = "x".repeat(1 << 20); for (let n = 0; n < 8; n++) console.log(line); return "done"; };`,
  );
  const result = await environment.invoke(testCall({ tail: true }));
  assert.equal(text(result.payload), '"done"');
  assert.equal(result.logTail?.length, 4096);
  assert.ok(real.log.lines.filter((line) => line.endsWith("xxx")).length >= 32);
  assert.ok(real.log.lines.every((line) => line.length <= 256 * 1024));
  await environment.retire("idle");
});

test("a busy loop is ended at its timeout", async () => {
  const environment = await real.start(`export const handler = async () => { for (;;); };`, { timeoutSeconds: 1 });
  const result = await environment.invoke(testCall());
  assert.match(text(result.payload), /"errorType":"Sandbox\.Timedout".*Task timed out after 1\.00 seconds/);
  await environment.retire("idle");
});

for (const [name, code, expected] of [
  ["process.exit(0)", "process.exit(0)", /Runtime\.ExitError.*exited without providing a reason/],
  ["process.exit(7)", "process.exit(7)", /Runtime\.ExitError.*exited with error: exit status 7/],
  ["SIGKILL", "process.kill(process.pid, 'SIGKILL')", /Runtime\.ExitError.*exited with error: signal: killed/],
  [
    "too much memory",
    "const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))",
    /"errorType":"Runtime\.OutOfMemory"/,
  ],
] as const) {
  test(`a runtime that goes during a call: ${name}`, async () => {
    const environment = await real.start(
      `export const handler = async () => { ${code}; return new Promise(() => {}); };`,
      {
        memoryMB: 256,
        timeoutSeconds: 60,
      },
    );
    const result = await environment.invoke(testCall());
    assert.match(text(result.payload), expected);
    assert.equal(result.functionError, "Unhandled");
    await environment.retire("idle");
  });
}

test("a failed call resets the environment: a new runtime on the next call's time, /tmp and the log stream stay", async () => {
  const environment = await real.start(
    `import fs from "node:fs";
     export const handler = async (how) => {
       const found = fs.existsSync("/tmp/mark") ? fs.readFileSync("/tmp/mark", "utf8") : "";
       fs.writeFileSync("/tmp/mark", found + how + " ");
       if (how === "crash") process.exit(1);
       if (how === "hang") await new Promise((resolve) => setInterval(resolve, 1e6));
       return found;
     };`,
    { timeoutSeconds: 1 },
  );
  const streams = real.log.streams.length;
  const call = async (how: string) => {
    while (!environment.idle) await new Promise((resolve) => setTimeout(resolve, 5));
    return environment.invoke(testCall({ payload: Buffer.from(JSON.stringify(how)) }));
  };
  assert.equal((await call("crash")).status, "error");
  assert.equal((await call("hang")).status, "timeout");
  const third = await call("third");
  assert.equal(text(third.payload), '"crash hang "');
  assert.equal(third.initMs, undefined);
  assert.equal(text((await call("fourth")).payload), '"crash hang third "');
  assert.equal(real.log.streams.length, streams);
  await environment.retire("idle");
});

test("a module that cannot be loaded, and one that never finishes loading", async () => {
  const missing = await real.start("export const handler = 1;", { handler: "other.handler" });
  const first = await missing.invoke(testCall());
  assert.match(text(first.payload), /"errorType":"Runtime\.ImportModuleError"/);
  const endless = await real.start(
    "await new Promise((resolve) => setInterval(resolve, 1e9)); export const handler = 1;",
    {
      timeoutSeconds: 1,
    },
  );
  const second = await endless.invoke(testCall());
  assert.match(text(second.payload), /"errorType":"Sandbox\.Timedout"/);
  await Promise.all([missing.gone, endless.gone]);
});

test("a function that only loads the second time answers its first call", async () => {
  let jails = 0;
  real.adapt = (spec) => {
    jails += 1;
    return jails === 1 ? { ...spec, env: { ...spec.env, FIRST: "1" } } : spec;
  };
  const environment = await real.start(
    `if (process.env.FIRST) process.exit(3);
     export const handler = async () => "loaded";`,
  );
  const result = await environment.invoke(testCall());
  real.adapt = (spec) => spec;
  assert.equal(text(result.payload), '"loaded"');
  assert.equal(result.initMs, undefined);
  assert.equal(jails, 2);
  await environment.retire("idle");
});

test("a response over 6 MiB is an error of this call only", async () => {
  const environment = await real.start(`export const handler = async (n) => "x".repeat(n);`);
  const large = await environment.invoke(testCall({ payload: Buffer.from("7000000") }));
  assert.match(text(large.payload), /Function\.ResponseSizeTooLarge/);
  while (!environment.idle && environment.alive) await new Promise((resolve) => setTimeout(resolve, 5));
  const fits = await environment.invoke(testCall({ payload: Buffer.from("6291454") }));
  assert.equal(fits.payload.length, 6_291_456);
  await environment.retire("idle");
});

test("a function that speaks to the Runtime API itself can only answer for itself", async () => {
  const environment = await real.start(
    `import http from "node:http"; import net from "node:net";
     const port = 9001;
     const post = (path, body, headers = {}) => new Promise((resolve) => {
       const request = http.request({ host: "127.0.0.1", port, method: "POST", path, headers }, (r) => { r.resume(); r.on("end", () => resolve(r.statusCode)); });
       request.on("error", () => resolve("hung up")); request.end(body); });
     export const handler = async (event, context) => {
       const others = await post("/2018-06-01/runtime/invocation/00000000-0000-0000-0000-000000000000/response", "{}");
       const init = await post("/2018-06-01/runtime/init/error", "{}");
       const sockets = Array.from({ length: 200 }, () => net.connect(port, "127.0.0.1").on("error", () => {}));
       await new Promise((resolve) => setTimeout(resolve, 50));
       for (const socket of sockets) socket.write("\\0garbage\\r\\n\\r\\n");
       const noise = net.connect(port, "127.0.0.1").on("error", () => {});
       noise.write("GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n".repeat(500));
       await new Promise((resolve) => setTimeout(resolve, 100));
       for (const socket of sockets) socket.destroy();
       noise.destroy();
       return { others, init };
     };`,
  );
  for (let n = 0; n < 2; n++) {
    const result = await environment.invoke(testCall());
    assert.equal(text(result.payload), '{"others":400,"init":403}');
  }
  await environment.retire("idle");
});
