import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import { createRuntimeClient, type RuntimeClient } from "../testing/fake-runtime.ts";
import { openRuntimeApi, type RuntimeApiBench } from "../testing/runtime-api-bench.ts";
import type { HttpLimits } from "./http/limits.ts";

const NEXT = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";
const ID = "11111111-1111-1111-1111-111111111111";
const responsePath = `/2018-06-01/runtime/invocation/${ID}/response`;

async function open(
  t: TestContext,
  limits: Partial<HttpLimits> = {},
  preboot = false,
): Promise<RuntimeApiBench & { client: RuntimeClient }> {
  const bench = await openRuntimeApi(limits, preboot);
  t.after(() => bench.close());
  return { ...bench, client: createRuntimeClient(bench.port) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A runtime that has an event. */
async function running(t: TestContext, limits: Partial<HttpLimits> = {}): ReturnType<typeof open> {
  const bench = await open(t, limits);
  const next = bench.client.next();
  await until(() => bench.told.includes("ready"));
  bench.api.give(bench.event());
  await next;
  return bench;
}

test("next carries AWS's headers and the payload", async (t) => {
  const { client, api, event, told } = await open(t);
  const next = client.next();
  await until(() => told.length === 1);
  api.give(event({ clientContext: '{"k":"ü\n"}', cognitoIdentity: "{}" }));
  const { status, headers, body } = await next;
  assert.equal(status, 200);
  assert.equal(body, '{"a":1}');
  assert.equal(headers["content-type"], "application/json");
  assert.equal(headers["lambda-runtime-aws-request-id"], ID);
  assert.equal(headers["lambda-runtime-deadline-ms"], "1700000000000");
  assert.equal(headers["lambda-runtime-invoked-function-arn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
  assert.equal(headers["lambda-runtime-trace-id"], "Root=1-1-1");
  // A caller cannot end the header; the JSON value is the same.
  assert.equal(headers["lambda-runtime-client-context"], '{"k":"\\u00fc "}');
  assert.equal(headers["lambda-runtime-cognito-identity"], "{}");
});

test("a call without a payload is an empty object", async (t) => {
  const { client, api, event, told } = await open(t);
  const next = client.next();
  await until(() => told.length === 1);
  api.give(event({ payload: Buffer.alloc(0) }));
  assert.equal((await next).body, "{}");
});

test("response: accepted, handed on as it is, and only once", async (t) => {
  const { client, told } = await running(t);
  const { status, body } = await client.respond(ID, "not json");
  assert.equal(status, 202);
  assert.equal(body, '{"status":"OK"}\n');
  assert.deepEqual(told, ["ready", "responded not json"]);
  const again = await client.respond(ID, "again");
  assert.equal(again.status, 403);
  assert.deepEqual(JSON.parse(again.body), {
    errorMessage:
      "State transition from RuntimeResponseSentState to InvocationResponse failed for runtime. Error: State transition is not allowed",
    errorType: "InvalidStateTransition",
  });
});

test("a request id that is not the current one: 400 InvalidRequestID", async (t) => {
  const { client, told } = await running(t);
  for (const id of ["22222222-2222-2222-2222-222222222222", "x"]) {
    const { status, body } = await client.respond(id, "{}");
    assert.equal(status, 400);
    assert.deepEqual(JSON.parse(body), { errorMessage: "Invalid request ID", errorType: "InvalidRequestID" });
    assert.equal((await client.fail(id, "{}")).status, 400);
  }
  assert.deepEqual(told, ["ready"]);
});

test("error reports keep known types and replace unknown ones", async (t) => {
  for (const [sent, kept] of [
    ["Runtime.HandlerNotFound", "Runtime.HandlerNotFound"],
    ["Function.Whatever_1", "Function.Whatever_1"],
    ["Function.x", "Function.Unknown"],
    ["Bad", "Runtime.Unknown"],
    [undefined, "Runtime.Unknown"],
  ] as const) {
    const { client, told } = await running(t);
    assert.equal((await client.fail(ID, '{"errorMessage":"m"}', sent)).status, 202);
    assert.equal(told.at(-1), `failed ${kept} {"errorMessage":"m"}`);
  }
});

test("init/error is only for the init phase", async (t) => {
  const first = await open(t);
  assert.equal((await first.client.initError("{}", "Runtime.ImportModuleError")).status, 202);
  assert.deepEqual(first.told, ["init Runtime.ImportModuleError {}"]);
  assert.equal((await first.client.initError("{}", "Runtime.ImportModuleError")).status, 403);
  assert.equal((await first.client.next()).status, 403);
  const second = await running(t);
  const late = await second.client.initError("{}", "Runtime.ImportModuleError");
  assert.equal(late.status, 403);
  assert.match(late.body, /State transition from Running to InitError failed for runtime/);
});

test("a runtime that asks again while it has an event gets the same event", async (t) => {
  const { client, told } = await running(t);
  const again = await client.next();
  assert.equal(again.headers["lambda-runtime-aws-request-id"], ID);
  assert.equal((await client.respond(ID, "1")).status, 202);
  assert.deepEqual(told, ["ready", "responded 1"]);
});

test("an event is not lost with the connection that had asked for it", async (t) => {
  const { api, client, event, told, open: connect } = await open(t);
  const socket = await connect();
  socket.write(NEXT);
  await until(() => told.length === 1);
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  api.give(event());
  assert.equal((await client.next()).headers["lambda-runtime-aws-request-id"], ID);
});

test("a response and the next request in one packet, as pipelining allows", async (t) => {
  const { raw, told } = await running(t);
  const bytes = `POST ${responsePath} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nok${NEXT}`;
  const answer = raw(bytes, /status/);
  await until(() => told.length === 3);
  assert.deepEqual(told, ["ready", "responded ok", "ready"]);
  assert.match(await answer, /^HTTP\/1\.1 202 Accepted\r\n/);
});

test("chunked bodies, also cut into single bytes, with extensions and trailers", async (t) => {
  const { open: connect, told } = await running(t);
  const socket = await connect();
  socket.setNoDelay(true);
  const bytes =
    `POST ${responsePath} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n` +
    "Lambda-Runtime-Function-Response-Mode: streaming\r\nTrailer: X\r\n\r\n" +
    "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: y\r\n\r\n";
  for (const byte of bytes) socket.write(byte);
  await once(socket, "data");
  assert.equal(told.at(-1), "responded hello");
  socket.destroy();
});

test("a streamed response can fail in its trailers", async (t) => {
  const { raw, told } = await running(t);
  const body = Buffer.from('{"errorMessage":"half-way"}').toString("base64");
  const answer = await raw(
    `POST ${responsePath} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n0\r\n` +
      `Lambda-Runtime-Function-Error-Type: Runtime.StreamError\r\nLambda-Runtime-Function-Error-Body: ${body}\r\n\r\n`,
    /OK/,
  );
  assert.match(answer, /^HTTP\/1\.1 202/);
  assert.equal(told.at(-1), 'failed Runtime.StreamError {"errorMessage":"half-way"}');
});

test("an unknown response mode fails the call", async (t) => {
  const { client, told } = await running(t);
  const { status, body } = await client.request("POST", responsePath, "{}", {
    "lambda-runtime-function-response-mode": "telepathy",
  });
  assert.equal(status, 400);
  assert.match(body, /InvalidFunctionResponseMode/);
  assert.match(told.at(-1) ?? "", /^failed Runtime\.InvalidResponseModeHeader /);
});

test("a body over the limit is read, thrown away and answered with 413", async (t) => {
  const { client, told } = await running(t, { bodyBytes: 1000 });
  const { status, body } = await client.respond(ID, "x".repeat(200_000));
  assert.equal(status, 413);
  assert.match(body, /"errorMessage":"Exceeded maximum allowed payload size \(6291556 bytes\)\."/);
  assert.match(told.at(-1) ?? "", /^failed Function\.ResponseSizeTooLarge /);
});

test("chunks over the limit are 413, and the connection goes on", async (t) => {
  const { raw, told } = await running(t, { bodyBytes: 10 });
  const answer = await raw(
    `POST ${responsePath} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n12345678\r\n8\r\n12345678\r\n0\r\n\r\n${NEXT}GET /no HTTP/1.0\r\n\r\n`,
    /RequestEntityTooLarge/,
  );
  assert.match(answer, /^HTTP\/1\.1 413/);
  assert.deepEqual(
    told.map((line) => line.split(" ")[0]),
    ["ready", "failed", "ready"],
  );
});

test("a body that is far over the limit ends the connection", async (t) => {
  const { raw } = await running(t, { bodyBytes: 10, discardBytes: 1000 });
  const head = `POST ${responsePath} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
  assert.equal(await raw(`${head}5000\r\n${"x".repeat(0x5000)}`), "");
});

test("Expect: 100-continue is answered before the body, or refused with the answer", async (t) => {
  const { open: connect, told } = await running(t);
  const socket = await connect();
  socket.write(`POST ${responsePath} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
  assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  socket.write("ok");
  assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 202/);
  assert.equal(told.at(-1), "responded ok");
  socket.write(`POST ${responsePath} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`);
  assert.match(String((await once(socket, "data"))[0]), /^HTTP\/1\.1 403[^]*Connection: close\r\n/);
});

test("a connection that ends inside a response leaves the call to be answered by another", async (t) => {
  const { client, open: connect, told } = await running(t);
  const socket = await connect();
  socket.write(`POST ${responsePath} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await client.respond(ID, "no")).status, 403);
  socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal((await client.respond(ID, "whole")).status, 202);
  assert.deepEqual(told, ["ready", "responded whole"]);
});

test("unknown paths and methods", async (t) => {
  const { client } = await open(t);
  assert.equal((await client.request("GET", "/")).status, 404);
  assert.equal((await client.request("GET", "/2018-06-01/runtime/invocation/next/")).status, 404);
  assert.equal((await client.request("GET", "/kiln/2026-11-01/assignment")).status, 404);
  assert.equal((await client.request("POST", "/2018-06-01/runtime/invocation/next", "")).status, 405);
  assert.equal((await client.request("GET", responsePath)).status, 405);
});

test("the assignment of a pre-booted runtime", async (t) => {
  const { client, api } = await open(t, {}, true);
  const waiting = client.request("GET", "/kiln/2026-11-01/assignment");
  await new Promise((resolve) => setTimeout(resolve, 10));
  api.assign({ A: "1" });
  assert.deepEqual(JSON.parse((await waiting).body), { env: { A: "1" } });
  const next = client.next();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal((await client.request("GET", "/kiln/2026-11-01/assignment")).status, 404);
  api.close();
  await assert.rejects(next);
});

for (const [name, bytes, status] of [
  ["no request line", "hello\r\n\r\n", 400],
  ["a bare line feed", "GET / HTTP/1.1\nHost: x\n\n\r\n\r\n", 400],
  ["an absolute target", "GET http://x/ HTTP/1.1\r\nHost: x\r\n\r\n", 400],
  ["HTTP/2", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400],
  ["a folded header", "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n", 400],
  ["a space before the colon", "GET / HTTP/1.1\r\nHost : x\r\n\r\n", 400],
  ["a NUL in a header", "GET / HTTP/1.1\r\nHost: x\r\nA: b\0\r\n\r\n", 400],
  ["both lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400],
  ["two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400],
  ["a signed length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\n", 400],
  ["an unknown coding", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501],
  ["an unknown expectation", "POST / HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n\r\n", 417],
  ["too many headers", `GET / HTTP/1.1\r\nHost: x\r\n${"a: b\r\n".repeat(101)}\r\n`, 431],
  ["a long request line", "x".repeat(20_000), 400],
] as const) {
  test(`malformed: ${name}`, async (t) => {
    const { raw } = await open(t);
    assert.match(await raw(bytes), new RegExp(`^HTTP/1\\.1 ${status} [^]*Connection: close\\r\\n`));
  });
}

test("a header block over the limit is refused", async (t) => {
  const { raw } = await open(t, { headBytes: 100_000 });
  assert.match(await raw(`GET / HTTP/1.1\r\nHost: x\r\nA: ${"x".repeat(120_000)}`), /^HTTP\/1\.1 431/);
});

test("only one connection of an environment may hold a large header block", async (t) => {
  const { raw, open: connect } = await open(t);
  const large = `GET / HTTP/1.1\r\nHost: x\r\nA: ${"x".repeat(100_000)}`;
  const holder = await connect();
  holder.write(large);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.match(await raw(large), /^HTTP\/1\.1 431/);
  holder.destroy();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.match(await raw(`${large}\r\n\r\n`, /\n$/), /^HTTP\/1\.1 404/);
});

test("connections are counted, and one that ends makes room", async (t) => {
  const { open: connect, raw } = await open(t, { connections: 2 });
  const first = await connect();
  await connect();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(await raw(NEXT), "");
  first.destroy();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.match(await raw("GET /no HTTP/1.1\r\nHost: x\r\n\r\n", /found/), /404/);
});

test("bytes that pile up behind a waiting request end the connection", async (t) => {
  const { raw } = await open(t, { waitingBytes: 100 });
  assert.equal(await raw(NEXT + "x".repeat(200)), "");
});

test("requests that only cost the host are slowed down, not answered as fast as they come", async (t) => {
  const { open: connect } = await open(t, { wastedBurst: 5, wastedPerSecond: 10 });
  const socket = await connect();
  let answers = 0;
  socket.on("data", (chunk: Buffer) => (answers += chunk.toString().split("HTTP/1.1 404").length - 1));
  socket.write("GET /no HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100));
  await new Promise((resolve) => setTimeout(resolve, 150));
  assert.ok(answers >= 5 && answers < 20, String(answers));
});

test("an answer that the runtime has not waited for comes with its next event, or by itself when there is none", async (t) => {
  const { port, api, event, told } = await running(t);
  const socket = connect({ host: "127.0.0.1", port });
  t.after(() => socket.destroy());
  const respond = `POST ${responsePath} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
  const accepted = "HTTP/1.1 202 Accepted";
  let text = "";
  socket.on("data", (chunk: Buffer) => (text += chunk.toString()));
  socket.write(respond + NEXT);
  await until(() => told.length === 3);
  api.give(event());
  await until(() => text.includes('{"a":1}'));
  assert.ok(text.startsWith(accepted), text);
  text = "";
  socket.write(respond + NEXT);
  await until(() => text.includes(accepted));
  assert.ok(text.endsWith('{"status":"OK"}\n'), text);
});
