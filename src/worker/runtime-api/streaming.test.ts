/** The Runtime API's streaming: pieces go on as they arrive, and stop arriving when nobody takes them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test, type TestContext } from "node:test";
import type { ResponseSink } from "../contract.ts";
import { createRuntimeClient } from "../testing/fake-runtime.ts";
import { openRuntimeApi, type RuntimeApiBench } from "../testing/runtime-api-bench.ts";
import type { HttpLimits } from "./http/limits.ts";

const ID = "11111111-1111-1111-1111-111111111111";
const head =
  `POST /2018-06-01/runtime/invocation/${ID}/response HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n` +
  "Lambda-Runtime-Function-Response-Mode: streaming\r\nContent-Type: text/plain\r\n\r\n";
const NEXT = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n";

interface Bench extends RuntimeApiBench {
  sink: ResponseSink & { pieces: string[]; takesMore: boolean };
  socket: Socket;
  /** What has come back on the socket. */
  received: () => string;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** A runtime that has an event whose caller wants the answer streamed, with a connection of its own. */
async function streaming(t: TestContext, limits: Partial<HttpLimits> = {}): Promise<Bench> {
  const sink: Bench["sink"] = {
    pieces: [],
    takesMore: true,
    onReady: undefined,
    write(piece) {
      sink.pieces.push(Buffer.from(piece).toString("latin1"));
      return sink.takesMore;
    },
  };
  const bench = await openRuntimeApi(limits, false, sink);
  t.after(() => bench.close());
  const next = createRuntimeClient(bench.port).next();
  await until(() => bench.told.includes("ready"));
  bench.api.give(bench.event());
  await next;
  const socket = await bench.open();
  socket.setNoDelay(true);
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  return { ...bench, sink, socket, received: () => received };
}

test("pieces are handed on before the answer has ended", async (t) => {
  const { sink, socket, told, received } = await streaming(t);
  socket.write(`${head}3\r\none\r\n`);
  await until(() => sink.pieces.length === 1);
  assert.deepEqual([sink.pieces, told, received()], [["one"], ["ready", "streaming text/plain"], ""]);
  socket.write(`3\r\ntwo\r\n0\r\n\r\n${NEXT}`);
  await until(() => told.length === 4);
  assert.deepEqual(sink.pieces, ["one", "two"]);
  assert.deepEqual(told.slice(2), ["streamed", "ready"]);
  await until(() => received().startsWith("HTTP/1.1 202 "));
});

test("chunks of one byte that arrive together are one piece", async (t) => {
  const { sink, socket, told } = await streaming(t);
  socket.write(`${head}${"1\r\nx\r\n".repeat(1000)}0\r\n\r\n`);
  await until(() => told.includes("streamed"));
  assert.equal(sink.pieces.join(""), "x".repeat(1000));
  assert.ok(sink.pieces.length < 20, String(sink.pieces.length));
});

test("a peer is not read while nobody takes more, and goes on afterwards", async (t) => {
  const { sink, socket, told } = await streaming(t);
  sink.takesMore = false;
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  socket.write(head);
  let sent = 0;
  // The connection's own buffers fill first; then a write is not drained any more.
  for (;;) {
    sent += 0x10000;
    if (socket.write(chunk)) continue;
    const drained = await Promise.race([
      once(socket, "drain").then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 200)),
    ]);
    if (!drained) break;
    assert.ok(sent < 64 * 1024 * 1024, "the peer is read on");
  }
  assert.equal(sink.pieces.length, 1);
  sink.takesMore = true;
  sink.onReady?.();
  socket.write("0\r\n\r\n");
  await until(() => told.includes("streamed"));
  assert.equal(
    sink.pieces.reduce((sum, { length }) => sum + length, 0),
    sent,
  );
});

test("the last piece may wait: the runtime gets its answer and goes on", async (t) => {
  const { sink, socket, told, received } = await streaming(t);
  sink.takesMore = false;
  socket.write(`${head}3\r\none\r\n0\r\n\r\n${NEXT}`);
  await until(() => told.length === 4);
  assert.deepEqual(told.slice(2), ["streamed", "ready"]);
  await until(() => received().startsWith("HTTP/1.1 202 "));
});

test("an error in the trailers", async (t) => {
  const { socket, told } = await streaming(t);
  const body = Buffer.from('{"errorMessage":"half-way"}').toString("base64");
  socket.write(`${head}3\r\none\r\n0\r\nLambda-Runtime-Function-Error-Type: E\r\n`);
  socket.write(`Lambda-Runtime-Function-Error-Body: ${body}\r\n\r\n`);
  await until(() => told.length === 3);
  assert.equal(told[2], 'streamed E {"errorMessage":"half-way"}');
});

test("up to the limit and no further; the runtime is told with 413", async (t) => {
  const { sink, socket, told, received } = await streaming(t, { streamBytes: 10 });
  socket.write(`${head}8\r\n12345678\r\n8\r\nabcdefgh\r\n8\r\nabcdefgh\r\n0\r\n\r\n${NEXT}`);
  await until(() => told.length === 4);
  assert.equal(sink.pieces.join(""), "12345678ab");
  assert.match(told[2] ?? "", /^streamed Function\.ResponseSizeTooLarge .*\(10 bytes\)/);
  assert.equal(told[3], "ready");
  await until(() => received().startsWith("HTTP/1.1 413 "));
});

test("exactly the limit is an answer", async (t) => {
  const { sink, socket, told } = await streaming(t, { streamBytes: 8 });
  socket.write(`${head}8\r\n12345678\r\n0\r\n\r\n`);
  await until(() => told.length === 3);
  assert.deepEqual([sink.pieces.join(""), told[2]], ["12345678", "streamed"]);
});

for (const [how, rest] of [
  ["hangs up", undefined],
  ["sends what is no chunk", "zz\r\n"],
] as const) {
  test(`a runtime that ${how} inside its answer has truncated it, once`, async (t) => {
    const { sink, socket, told } = await streaming(t);
    socket.write(`${head}3\r\none\r\n`);
    await until(() => sink.pieces.length === 1);
    if (rest === undefined) socket.destroy();
    else socket.write(rest);
    await until(() => told.length === 3);
    assert.match(told[2] ?? "", /^streamed Runtime\.TruncatedResponse /);
    if (!socket.closed) await once(socket, "close");
    assert.equal(told.length, 3);
  });
}
