/** Extensions in real jails: processes of their own beside the real Node.js runtime, and parts of it. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Assignment, Environment } from "../../src/worker/contract.ts";
import { testCall } from "../../src/worker/testing/fixtures.ts";
import { LISTENER, PRELUDE } from "./extension-scripts.ts";
import { openRealWorker, text, type RealWorker } from "./support.ts";

let real: RealWorker;
before(async () => {
  real = await openRealWorker({ initPhaseMs: 4000 });
});
after(() => real.close());

const HELLO = `console.log("loaded"); export const handler = async (event) => {
  if (event?.wait) await new Promise((resolve) => setTimeout(resolve, event.wait));
  if (event?.exit !== undefined) process.exit(event.exit);
  return { env: Object.keys(process.env), event };
};`;

async function start(
  files: Record<string, string>,
  changes: Partial<Assignment> = {},
  source = HELLO,
): Promise<Environment> {
  const layers = await real.layer(files);
  return real.start(source, { ...changes, tree: { layers } });
}

async function untilIdle(environment: Environment): Promise<void> {
  while (!environment.idle) await new Promise((resolve) => setTimeout(resolve, 5));
}

const lines = (since: number): string[] => real.log.lines.slice(since);

test("an external extension: registration before the runtime, calls, time after the answer, shutdown", async () => {
  const since = real.log.lines.length;
  const environment = await start({ "extensions/listener": LISTENER, "lib/other": "x" });
  const call = testCall({ payload: Buffer.from("1") });
  const result = await environment.invoke(call);
  assert.deepEqual((JSON.parse(text(result.payload)) as { event: number }).event, 1);
  const second = testCall({ payload: Buffer.from("2"), tail: true });
  await untilIdle(environment);
  const tailed = await environment.invoke(second);
  assert.match(text(tailed.logTail), new RegExp(`done with ${second.requestId}\nEND [^]*REPORT`));
  assert.ok(tailed.durationMs >= 50, `${tailed.durationMs} ms with the extension's work`);
  await environment.retire("idle");
  const all = lines(since);
  const at = (pattern: RegExp): number => all.findIndex((line) => pattern.test(line));
  const registered = JSON.parse(all[at(/^registered/)]?.slice("registered ".length) ?? "{}") as Record<string, string>;
  assert.deepEqual(registered, {
    accountId: "000000000000",
    functionName: "hello",
    functionVersion: "$LATEST",
    handler: "index.handler",
  });
  const order = [
    /^INIT_START/,
    /^registered/,
    /loaded$/,
    /^EXTENSION\tName: listener\tState: Ready\tEvents: \[INVOKE,SHUTDOWN\]$/,
    /^START/,
    /"INVOKE"/,
    /^done/,
    /^END/,
    /"SHUTDOWN"/,
  ].map(at);
  assert.ok(
    order.every((place) => place >= 0),
    String(order),
  );
  assert.deepEqual(
    order,
    order.toSorted((one, other) => one - other),
    all.join("\n"),
  );
  const heard = JSON.parse(all[at(/"INVOKE"/)]?.slice("heard ".length) ?? "{}") as Record<string, unknown>;
  assert.deepEqual(heard["tracing"], { type: "X-Amzn-Trace-Id", value: call.traceId });
  assert.equal(heard["requestId"], call.requestId);
  assert.equal(heard["invokedFunctionArn"], call.invokedArn);
  assert.match(all.at(-1) ?? "", /"shutdownReason":"spindown"/);
});

test("the caller does not wait for what extensions do after the answer", async () => {
  const slow = LISTENER.replace("await sleep(50)", "await sleep(1500)");
  const environment = await start({ "extensions/slow": slow });
  const result = await environment.invoke(testCall());
  assert.ok(result.durationMs < 1500, `${result.durationMs} ms`);
  assert.equal(environment.idle, false);
  const since = real.log.lines.length;
  await environment.retire("idle");
  const report = lines(since).find((line) => line.startsWith("REPORT")) ?? "";
  assert.ok(Number(/Duration: ([\d.]+) ms/.exec(report)?.[1]) >= 1500, report);
});

test("a timeout and a crash end extensions with their reason", async () => {
  const timed = await start({ "extensions/listener": LISTENER }, { timeoutSeconds: 1 });
  let since = real.log.lines.length;
  const late = await timed.invoke(testCall({ payload: Buffer.from('{"wait":5000}') }));
  assert.equal(late.status, "timeout");
  await untilIdle(timed);
  assert.match(lines(since).at(-1) ?? "", /"shutdownReason":"timeout"/);
  since = real.log.lines.length;
  const crashed = await start({ "extensions/listener": LISTENER });
  const gone = await crashed.invoke(testCall({ payload: Buffer.from('{"exit":3}') }));
  assert.match(text(gone.payload), /"errorType":"Runtime.ExitError".*exit status 3/);
  await untilIdle(crashed);
  assert.match(lines(since).at(-1) ?? "", /"shutdownReason":"failure"/);
  const again = await crashed.invoke(testCall({ payload: Buffer.from("5") }));
  assert.equal((JSON.parse(text(again.payload)) as { event: number }).event, 5);
  assert.equal(lines(since).filter((line) => line.startsWith("registered")).length, 2);
  await Promise.all([timed.retire("idle"), crashed.retire("idle")]);
});

test("extensions that fail while they start, each in AWS's words", async () => {
  const cases = [
    ["exit", `${PRELUDE} process.exit(3)`, "Extension.Crash", "exit status 3", /State: Started\tEvents: \[\]$/],
    [
      "plain",
      "no program",
      "Extension.LaunchError",
      "fork/exec /opt/extensions/plain: permission denied",
      /State: LaunchError\tEvents: \[\]\tError Type: PermissionDenied$/,
    ],
    [
      "init",
      `${PRELUDE} register([]).then(() => api("POST", "/2020-01-01/extension/init/error", {}, { "Lambda-Extension-Function-Error-Type": "Extension.NoKey" })).then(() => process.exit(1))`,
      "Extension.InitError",
      "exit status 1",
      /State: InitError\tEvents: \[\]\tError Type: Extension.NoKey$/,
    ],
  ] as const;
  for (const [name, source, type, message, line] of cases) {
    const since = real.log.lines.length;
    const environment = await start({ [`extensions/${name}`]: source });
    const call = testCall();
    const result = await environment.invoke(call);
    assert.deepEqual(JSON.parse(text(result.payload)), {
      errorType: type,
      errorMessage: `RequestId: ${call.requestId} Error: ${message}`,
    });
    await environment.gone;
    const shown = lines(since).filter((each) => each.startsWith("EXTENSION"));
    assert.equal(shown.length, 2, "one for each attempt");
    for (const each of shown) assert.match(each, line);
  }
});

test("eleven extensions are one too many", async () => {
  const files = Array.from({ length: 11 }, (_, n) => [
    `extensions/e${String(n).padStart(2, "0")}`,
    "#!/bin/sh\nexec sleep 60\n",
  ]);
  const since = real.log.lines.length;
  const environment = await start(Object.fromEntries(files) as Record<string, string>);
  const result = await environment.invoke(testCall());
  assert.match(text(result.payload), /"errorType":"Extension.LaunchError"/);
  await environment.gone;
  const last = lines(since).filter((line) => line.startsWith("EXTENSION\tName: e10"));
  assert.equal(last[0], "EXTENSION\tName: e10\tState: LaunchError\tEvents: []\tError Type: TooManyExtensions");
});

test("an extension that goes in the middle of a call ends it", async () => {
  const mortal = LISTENER.replace("await sleep(50);", "process.exit(7);");
  const environment = await start({ "extensions/mortal": mortal });
  const result = await environment.invoke(testCall({ payload: Buffer.from('{"wait":3000}') }));
  assert.match(
    text(result.payload),
    /"errorType":"Extension.Crash","errorMessage":"RequestId: [^ ]* Error: exit status 7"/,
  );
  await environment.retire("idle");
});

test("a function that plays with what starts its processes harms itself alone", async () => {
  const source = `
    import fs from "node:fs";
    const attempt = (work) => { try { work(); return "done"; } catch (error) { return error.code; } };
    export const handler = async (how) => {
      if (how === "look") return [attempt(() => fs.writeFileSync("/dev/kiln/x", "")), attempt(() => fs.unlinkSync("/dev/kiln/control"))];
      if (how === "noise") { fs.writeFileSync("/dev/kiln/status", "pid\\nexit 99 1\\nexit x y\\n" + "z".repeat(100000) + "\\n"); return "fine"; }
      if (how === "forge") { fs.writeFileSync("/dev/kiln/status", "exit 1 0\\n"); await new Promise((resolve) => setTimeout(resolve, 5000)); }
      if (how === "kill") { process.kill(-1, "SIGKILL"); await new Promise((resolve) => setTimeout(resolve, 5000)); }
    };`;
  const environment = await start({ "extensions/listener": LISTENER }, { timeoutSeconds: 8 }, source);
  const ask = async (how: string): Promise<string> => {
    await untilIdle(environment);
    return text((await environment.invoke(testCall({ payload: Buffer.from(JSON.stringify(how)) }))).payload);
  };
  assert.equal(await ask("look"), '["EROFS","EROFS"]');
  assert.equal(await ask("noise"), '"fine"');
  assert.match(await ask("forge"), /"errorType":"Extension.Crash"/);
  assert.match(await ask("kill"), /"errorType":"(Runtime.ExitError|Extension.Crash)"/);
  assert.equal(await ask("noise"), '"fine"');
  await environment.retire("idle");
});

test("an internal extension: calls, and SIGTERM at the end", async () => {
  const source = `
    import http from "node:http";
    const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
    const api = (method, path, headers, body) => new Promise((resolve) => http.request({ host, port, method, path: "/2020-01-01/extension/" + path, headers }, (answer) => {
      let text = ""; answer.on("data", (data) => (text += data)); answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text }));
    }).end(body));
    const refused = await api("POST", "register", { "Lambda-Extension-Name": "inner" }, '{"events":["SHUTDOWN"]}');
    const { headers } = await api("POST", "register", { "Lambda-Extension-Name": "inner" }, '{"events":["INVOKE"]}');
    const id = { "Lambda-Extension-Identifier": headers["lambda-extension-identifier"] };
    (async () => { for (;;) process.stdout.write("inner heard " + JSON.parse((await api("GET", "event/next", id)).text).eventType + "\\n"); })();
    process.on("SIGTERM", () => { process.stdout.write("told to end\\n"); process.exit(0); });
    export const handler = async () => JSON.parse(refused.text);`;
  const since = real.log.lines.length;
  const environment = await real.start(source);
  const result = await environment.invoke(testCall());
  assert.deepEqual(JSON.parse(text(result.payload)), {
    errorType: "Extension.InvalidEventType",
    errorMessage: "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
  });
  await environment.retire("idle");
  const all = lines(since);
  assert.ok(all.includes("EXTENSION\tName: inner\tState: Ready\tEvents: [INVOKE]"), all.join("\n"));
  assert.ok(all.includes("inner heard INVOKE"));
  assert.equal(all.at(-1), "told to end");
});
