/** Telemetry and Logs API with real jails: what extensions are sent, over HTTP and TCP, into the jail's own network. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { testCall } from "../../src/worker/testing/fixtures.ts";
import { subscriber } from "./extension-scripts.ts";
import { openRealWorker, text, type RealWorker } from "./support.ts";

let real: RealWorker;
before(async () => {
  real = await openRealWorker({ initPhaseMs: 8000 });
});
after(() => real.close());

interface Event {
  time: string;
  type: string;
  record: unknown;
  via?: string;
}

/** The events that an extension has printed. */
function received(lines: readonly string[], protocol: string): Event[] {
  const prefix = `got ${protocol} `;
  return lines.filter((line) => line.startsWith(prefix)).map((line) => JSON.parse(line.slice(prefix.length)) as Event);
}

const of = (events: readonly Event[], type: string): Record<string, unknown> =>
  events.find((event) => event.type === type)?.record as Record<string, unknown>;

test("two subscribers, over HTTP and TCP: every event of an environment's life in AWS's schema", async () => {
  const since = real.log.lines.length;
  const layers = await real.layer({
    "extensions/over-http": subscriber(
      "/2022-07-01/telemetry",
      { schemaVersion: "2022-12-13", types: ["platform", "function"] },
      "HTTP",
    ),
    "extensions/over-tcp": subscriber("/2020-08-15/logs", { types: ["platform", "function"] }, "TCP"),
  });
  const environment = await real.start(`export const handler = async () => { console.log("one line"); return "x"; };`, {
    tree: { layers },
  });
  const call = testCall();
  assert.equal(text((await environment.invoke(call)).payload), '"x"');
  while (!environment.idle) await new Promise((resolve) => setTimeout(resolve, 5));
  await environment.retire("idle");
  const lines = real.log.lines.slice(since);
  assert.equal(lines.filter((line) => line === 'subscribed 200 "OK"').length, 2, lines.join("\n"));
  assert.ok(lines.includes("TELEMETRY\tName: over-http\tState: Subscribed\tTypes: [Platform, Function]"));
  assert.ok(lines.includes("LOGS\tName: over-tcp\tState: Subscribed\tTypes: [platform,function]"));

  const http = received(lines, "HTTP");
  assert.deepEqual([...new Set(http.map(({ via }) => via))], ["POST /in"]);
  for (const { time } of http) assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const order = [
    "platform.initStart",
    "platform.telemetrySubscription",
    "platform.initRuntimeDone",
    "platform.extension",
    "platform.initReport",
    "platform.start",
    "function",
    "platform.runtimeDone",
    "platform.report",
  ];
  const places = order.map((type) => http.findIndex((event) => event.type === type));
  assert.ok(!places.includes(-1), http.map(({ type }) => type).join(" "));
  assert.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  );
  assert.match(of(http, "function") as unknown as string, /\tINFO\tone line$/);
  assert.equal(of(http, "platform.initStart")["phase"], "init");
  assert.deepEqual(of(http, "platform.telemetrySubscription"), {
    name: "over-http",
    state: "Subscribed",
    types: ["platform", "function"],
  });
  assert.equal(of(http, "platform.start")["requestId"], call.requestId);
  for (const type of ["platform.start", "platform.runtimeDone", "platform.report"]) {
    assert.deepEqual(of(http, type)["tracing"], { type: "X-Amzn-Trace-Id", value: call.traceId });
  }
  const done = of(http, "platform.runtimeDone");
  assert.equal(done["status"], "success");
  assert.equal((done["metrics"] as Record<string, number>)["producedBytes"], 3);
  assert.deepEqual(Object.keys(of(http, "platform.report")["metrics"] as object), [
    "durationMs",
    "billedDurationMs",
    "memorySizeMB",
    "maxMemoryUsedMB",
    "initDurationMs",
  ]);

  const tcp = received(lines, "TCP");
  const types = new Set(tcp.map(({ type }) => type));
  for (const type of [
    "platform.logsSubscription",
    "platform.extension",
    "platform.start",
    "function",
    "platform.end",
    "platform.report",
  ])
    assert.ok(types.has(type), type);
  for (const type of ["platform.initStart", "platform.runtimeDone", "platform.telemetrySubscription"])
    assert.ok(!types.has(type), type);
  assert.deepEqual(of(tcp, "platform.end"), { requestId: call.requestId });
});

test("a function's JSON lines are objects from the second schema on; a fault has its event", async () => {
  const since = real.log.lines.length;
  const layers = await real.layer({
    "extensions/over-http": subscriber(
      "/2022-07-01/telemetry",
      { schemaVersion: "2022-12-13", types: ["platform", "function"] },
      "HTTP",
    ),
    "extensions/over-tcp": subscriber(
      "/2020-08-15/logs",
      { schemaVersion: "2021-03-18", types: ["platform", "function"] },
      "TCP",
    ),
  });
  const environment = await real.start(
    `export const handler = async () => { console.log("one line"); await new Promise((resolve) => setTimeout(resolve, 100)); process.exit(3); };`,
    { tree: { layers }, logging: { group: "/aws/lambda/hello", format: "JSON" } },
  );
  const call = testCall();
  assert.equal((await environment.invoke(call)).status, "error");
  while (!environment.idle) await new Promise((resolve) => setTimeout(resolve, 5));
  await environment.retire("idle");
  const lines = real.log.lines.slice(since);
  const record = (protocol: string, type: string): unknown =>
    received(lines, protocol).find((event) => event.type === type)?.record;
  assert.equal((record("HTTP", "function") as { message: string }).message, "one line");
  assert.equal((JSON.parse(record("TCP", "function") as string) as { message: string }).message, "one line");
  const done = record("HTTP", "platform.runtimeDone") as Record<string, unknown>;
  assert.equal(done["status"], "error");
  assert.equal(done["errorType"], "Runtime.ExitError");
  assert.deepEqual(record("TCP", "platform.runtimeDone"), { requestId: call.requestId, status: "failure" });
  assert.match(record("TCP", "platform.fault") as string, /Runtime exited with error: exit status 3/);
});
