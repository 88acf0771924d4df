import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import { connect, createServer, type AddressInfo, type Server } from "node:net";
import { test, type TestContext } from "node:test";
import { Extensions } from "../extensions-api/index.ts";
import { createRuntimeClient, type Answer } from "../testing/fake-runtime.ts";
import { openRuntimeApi } from "../testing/runtime-api-bench.ts";
import type { TelemetryEvent } from "./event.ts";
import type { Dropped } from "./subscriber.ts";
import { parseSubscription } from "./subscription.ts";
import { Telemetry } from "./telemetry.ts";

const line = (text: string): TelemetryEvent => ({
  stream: "function",
  timeMs: Date.UTC(2026, 0, 1),
  type: "function",
  record: text,
  logsRecord: text,
});

interface Bench {
  telemetry: Telemetry;
  told: string[];
  dropped: Dropped[];
  subscribe: (body: unknown, path?: string) => Promise<Answer>;
}

async function bench(t: TestContext): Promise<Bench> {
  const telemetry = new Telemetry((port) => connect(port, "127.0.0.1"));
  const told: string[] = [];
  const dropped: Dropped[] = [];
  telemetry.listener = {
    subscribed: (name, { api, types }, again) => void told.push(`${name} ${api} ${types.join()} ${again}`),
    dropped: (one) => void dropped.push(one),
  };
  const extensions = new Extensions({ external: [], changed: () => undefined });
  const api = await openRuntimeApi({}, false, undefined, { extensions, telemetry });
  t.after(async () => {
    telemetry.end();
    await api.close();
  });
  const client = createRuntimeClient(api.port);
  const registered = await client.request("POST", "/2020-01-01/extension/register", "{}", {
    "Lambda-Extension-Name": "e",
  });
  const id = { "Lambda-Extension-Identifier": String(registered.headers["lambda-extension-identifier"]) };
  return {
    telemetry,
    told,
    dropped,
    subscribe: (body, path = "/2022-07-01/telemetry") =>
      client.request("PUT", path, typeof body === "string" ? body : JSON.stringify(body), id),
  };
}

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const asked = (port: number, more: Record<string, unknown> = {}) => ({
  schemaVersion: "2022-12-13",
  types: ["function"],
  buffering: { timeoutMs: 25 },
  destination: { protocol: "HTTP", URI: `http://sandbox:${port}` },
  ...more,
});

const parse = (value: unknown, api: "telemetry" | "logs" = "telemetry") =>
  parseSubscription(api, Buffer.from(JSON.stringify(value)));

test("what a subscription may say", () => {
  assert.deepEqual(parse(asked(4000)), {
    api: "telemetry",
    schemaVersion: "2022-12-13",
    types: ["function"],
    buffering: { maxItems: 10_000, maxBytes: 262_144, timeoutMs: 25 },
    destination: { protocol: "HTTP", port: 4000, path: "/", method: "POST" },
  });
  assert.equal(
    parse({ schemaVersion: "2022-07-01", destination: { protocol: "HTTP", URI: "http://sandbox.localdomain" } }),
    "types should not be empty; URI port is not provided",
  );
  const refused: [Record<string, unknown>, RegExp][] = [
    [{ schemaVersion: undefined }, /^schemaVersion is not provided$/],
    [{ schemaVersion: "2020-08-15" }, /^schemaVersion should be one of/],
    [{ types: ["function", "x"] }, /^types should be/],
    [{ buffering: { maxItems: 999 } }, /^buffering.maxItems should be between 1000 and 10000$/],
    [{ buffering: { maxBytes: 1_048_577 } }, /maxBytes/],
    [{ buffering: { timeoutMs: 24.5 } }, /timeoutMs/],
    [{ destination: undefined }, /^destination is not provided$/],
    [{ destination: { protocol: "UDP", URI: "http://sandbox:1" } }, /^protocol/],
    [{ destination: { protocol: "TCP" } }, /^port is not provided$/],
    [{ destination: { protocol: "TCP", port: 9001 } }, /^port is not valid$/],
    [{ destination: { protocol: "TCP", port: "80" } }, /^port is not valid$/],
    [{ destination: { protocol: "HTTP", URI: "http://sandbox:9001" } }, /^URI port 9001 is reserved$/],
    [{ destination: { protocol: "HTTP", URI: "http://169.254.169.254:80/" } }, /^URI host/],
    [{ destination: { protocol: "HTTP", URI: "https://sandbox:1" } }, /^URI is not valid/],
    [{ destination: { protocol: "HTTP", URI: `http://sandbox:1/${"x".repeat(3000)}` } }, /^URI is not valid/],
    [{ destination: { protocol: "HTTP", URI: "http://sandbox:1", method: "PUT" } }, /^method/],
  ];
  for (const [change, why] of refused) assert.match(parse({ ...asked(4000), ...change }) as string, why);
  const logs = parse({ types: ["platform"], destination: { URI: "http://sandbox:80/a?b", method: "PUT" } }, "logs");
  assert.ok(typeof logs === "object");
  assert.equal(logs.schemaVersion, "2020-08-15");
  assert.deepEqual(logs.destination, { protocol: "HTTP", port: 80, path: "/a?b", method: "PUT" });
});

test("subscribing: once, with one API, in the init phase", async (t) => {
  const { subscribe, telemetry, told } = await bench(t);
  const bad = await subscribe("{");
  assert.deepEqual(
    [bad.status, JSON.parse(bad.body)],
    [400, { errorType: "ValidationError", errorMessage: "request body is not valid JSON" }],
  );
  assert.match((await subscribe({}, "/2020-08-15/logs")).body, /"errorType":"Logs.ValidationError"/);
  const first = await subscribe(asked(4000));
  assert.deepEqual([first.status, first.body.trim()], [200, '"OK"']);
  assert.equal((await subscribe(asked(4000), "/2022-07-01/telemetry/")).status, 200);
  assert.deepEqual(told, ["e telemetry function false", "e telemetry function true"]);
  const other = await subscribe(
    { types: ["platform"], destination: { URI: "http://sandbox:4000" } },
    "/2020-08-15/logs",
  );
  assert.equal(other.status, 400);
  telemetry.close();
  const late = await subscribe(asked(4000));
  assert.equal(late.status, 403);
  assert.deepEqual(JSON.parse(late.body), {
    errorMessage: "Telemetry API subscription is closed already",
    errorType: "Telemetry.SubscriptionClosed",
  });
});

test("events from before the subscription, batches in order, and again after an error", async (t) => {
  const { subscribe, telemetry } = await bench(t);
  const bodies: string[][] = [];
  let failures = 2;
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => (body += String(data)));
    request.on("end", () => {
      if (failures-- > 0) return void response.writeHead(500).end("no");
      bodies.push((JSON.parse(body) as { record: string }[]).map(({ record }) => record));
      response.end();
    });
  });
  const port = await listening(t, server);
  telemetry.publish(line("early"));
  await subscribe(asked(port));
  telemetry.publish(line("one"));
  telemetry.publish({ ...line("not asked for"), stream: "extension" });
  await telemetry.flush();
  telemetry.publish(line("two"));
  await telemetry.flush();
  assert.deepEqual(bodies, [["early", "one"], ["two"]]);
});

test("a subscriber that takes nothing costs no more than its buffer; it is told what it has missed", async (t) => {
  const { subscribe, telemetry, dropped } = await bench(t);
  let stuck = true;
  const waiting: (() => void)[] = [];
  let received = 0;
  const server = http.createServer((request, response) => {
    let body = "";
    request.on("data", (data: Buffer) => (body += String(data)));
    request.on("end", () => {
      received += (JSON.parse(body) as unknown[]).length;
      if (stuck) waiting.push(() => response.end());
      else response.end();
    });
  });
  const port = await listening(t, server);
  await subscribe(asked(port, { buffering: { maxItems: 1000, maxBytes: 262_144, timeoutMs: 25 } }));
  for (let n = 0; n < 10_000; n++) telemetry.publish(line("x".repeat(1000)));
  while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  stuck = false;
  for (const answer of waiting) answer();
  await telemetry.flush();
  assert.equal(dropped.length, 1);
  const [lost] = dropped;
  assert.ok(lost !== undefined && lost.records > 8000 && lost.bytes > lost.records * 1000, JSON.stringify(lost));
  assert.equal(received + lost.records, 10_000);
});

test("over TCP: lines, a connection that is lost, and one that talks back", async (t) => {
  const { subscribe, telemetry } = await bench(t);
  const got: string[] = [];
  let first = true;
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    if (first) {
      first = false;
      socket.destroy();
      return;
    }
    socket.write("x".repeat(1 << 20));
    socket.on("data", (data: Buffer) => got.push(...String(data).trim().split("\n")));
  });
  const port = await listening(t, server);
  await subscribe(asked(port, { destination: { protocol: "TCP", port } }));
  telemetry.publish(line("one"));
  await telemetry.flush();
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let n = 0; n < 20 && !got.some((text) => text.includes("two")); n++) {
    telemetry.publish(line("two"));
    await telemetry.flush();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const last = JSON.parse(got.at(-1) ?? "null") as { record: string; time: string };
  assert.deepEqual([last.record, last.time], ["two", "2026-01-01T00:00:00.000Z"]);
});

test("nobody subscribed: nothing is kept once the init phase is over", async (t) => {
  const { telemetry } = await bench(t);
  assert.equal(telemetry.active, true);
  telemetry.close();
  assert.equal(telemetry.active, false);
});
