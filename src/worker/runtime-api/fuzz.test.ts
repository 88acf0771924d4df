/** Function code may send anything. Whatever it sends, the server stays within its rules and goes on serving. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Extensions } from "../extensions-api/index.ts";
import { openRuntimeApi, type RuntimeApiBench } from "../testing/runtime-api-bench.ts";
import { createRuntimeClient } from "../testing/fake-runtime.ts";
import { chunkedBody } from "./http/body.ts";
import { ByteBuffer } from "./http/byte-buffer.ts";
import { parseHead } from "./http/request-head.ts";

const ID = "11111111-1111-1111-1111-111111111111";

/** Requests that are nearly right: the parts of good ones, put together by chance. */
const requestLike = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n",
        `POST /2018-06-01/runtime/invocation/${ID}/response HTTP/1.1\r\n`,
        `POST /2018-06-01/runtime/invocation/${ID}/error HTTP/1.1\r\n`,
        "POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\r\n",
        "POST /2018-06-01/runtime/init/error HTTP/1.1\r\n",
        "GET /kiln/2026-11-01/assignment HTTP/1.1\r\n",
        "POST /2020-01-01/extension/register HTTP/1.1\r\n",
        "GET /2020-01-01/extension/event/next HTTP/1.1\r\n",
        "POST /2020-01-01/extension/init/error HTTP/1.1\r\n",
        "POST /2020-01-01/extension/exit/error HTTP/1.1\r\n",
        "PUT /2022-07-01/telemetry HTTP/1.1\r\n",
        "PUT /2020-08-15/logs HTTP/1.1\r\n",
        "Lambda-Extension-Name: inner\r\n",
        "Lambda-Extension-Name: outer\r\n",
        `Lambda-Extension-Identifier: ${ID}\r\n`,
        "Lambda-Extension-Identifier: x\r\n",
        "Lambda-Extension-Function-Error-Type: Extension.X\r\n",
        'Content-Length: 22\r\n\r\n{"events":["INVOKE"]}\n',
        'Content-Length: 13\r\n\r\n{"events":[]}',
        "Host: x\r\n",
        "Content-Length: 4\r\n",
        "Content-Length: 99999999999\r\n",
        "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: close\r\n",
        "Lambda-Runtime-Function-Response-Mode: streaming\r\n",
        "\r\n",
        "\r\n\r\n",
        "4\r\nabcd\r\n",
        "0\r\n\r\n",
        "ffffffff\r\n",
        "abcd",
        "\n",
        "\r",
        "\0",
      ),
      fc.string({ unit: "binary", maxLength: 20 }),
    ),
    { maxLength: 25 },
  )
  .map((parts) => Buffer.from(parts.join(""), "latin1"));

async function send(bench: RuntimeApiBench, bytes: Buffer, cuts: readonly number[]): Promise<string> {
  const socket = await bench.open();
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  let from = 0;
  for (const cut of cuts.toSorted((a, b) => a - b)) {
    const to = Math.min(cut, bytes.length);
    if (to > from) socket.write(bytes.subarray(from, to));
    from = Math.max(from, to);
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.end(bytes.subarray(from));
  // The server may have hung up already, so an error here says nothing.
  if (!socket.closed) await new Promise((resolve) => socket.once("close", resolve));
  return received;
}

test("whatever arrives, the answers are HTTP and the next runtime is served", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(requestLike, fc.array(fc.nat(400), { maxLength: 5 }), async (bytes, cuts) => {
      const extensions = new Extensions({ external: ["outer"], changed: () => undefined });
      const bench = await openRuntimeApi({}, true, undefined, { extensions });
      try {
        const received = await send(bench, bytes, cuts);
        assert.match(received, /^(HTTP\/1\.1 \d{3} |$)/);
        assert.ok(extensions.count <= 10);
        for (const line of bench.told) assert.match(line, /^(ready|responded|failed|init) ?/);
        assert.ok(bench.told.filter((line) => line === "ready").length <= 1);
        assert.ok(!bench.told.some((line) => line.startsWith("responded") || line.startsWith("failed")));
        if (bench.told.some((line) => line.startsWith("init"))) return;
        const client = createRuntimeClient(bench.port);
        const next = client.next();
        while (!bench.told.includes("ready")) await new Promise((resolve) => setTimeout(resolve, 1));
        bench.api.give(bench.event());
        assert.equal((await next).status, 200);
        assert.equal((await client.respond(ID, "ok")).status, 202);
        assert.equal(bench.told.at(-1), "responded ok");
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 300 },
  );
});

test("during a call, noise on other connections answers it at most once", { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(requestLike, fc.array(fc.nat(400), { maxLength: 5 }), async (bytes, cuts) => {
      const bench = await openRuntimeApi();
      try {
        const client = createRuntimeClient(bench.port);
        const next = client.next();
        while (!bench.told.includes("ready")) await new Promise((resolve) => setTimeout(resolve, 1));
        bench.api.give(bench.event());
        await next;
        await send(bench, bytes, cuts);
        await client.respond(ID, "mine");
        const answers = bench.told.filter((line) => line.startsWith("responded") || line.startsWith("failed"));
        assert.equal(answers.length, 1, JSON.stringify(bench.told));
      } finally {
        await bench.close();
      }
    }),
    { numRuns: 200 },
  );
});

test("a chunked body is the same however the network cuts it", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 10 }),
      fc.array(fc.nat(600)),
      (chunks, cuts) => {
        const wire = Buffer.concat([
          ...chunks.map((chunk) =>
            Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
          ),
          Buffer.from("0\r\nA: b\r\n\r\nREST"),
        ]);
        const got: Buffer[] = [];
        const reader = chunkedBody((bytes) => void got.push(Buffer.from(bytes)));
        let from = 0;
        let used = 0;
        for (const to of [...cuts.toSorted((a, b) => a - b), wire.length]) {
          const piece = wire.subarray(from, to);
          used += reader.push(piece);
          from = Math.max(from, Math.min(to, wire.length));
        }
        assert.equal(reader.refused, undefined);
        assert.equal(reader.done, true);
        assert.equal(used, wire.length - 4);
        assert.deepEqual(Buffer.concat(got), Buffer.concat(chunks));
        assert.equal(reader.trailers.get("a"), "b");
      },
    ),
  );
});

test("a byte buffer is a queue", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat(60))), (steps) => {
      const buffer = new ByteBuffer();
      let model = Buffer.alloc(0);
      for (const [bytes, taken] of steps) {
        buffer.append(Buffer.from(bytes));
        model = Buffer.concat([model, bytes]);
        assert.deepEqual(Buffer.from(buffer.view()), model);
        const count = Math.min(taken, model.length);
        buffer.consume(count);
        model = model.subarray(count);
        assert.equal(buffer.length, model.length);
      }
    }),
  );
});

test("no head makes the parser throw", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const head = parseHead(text, 10);
      assert.ok("status" in head || head.target.startsWith("/"));
    }),
  );
});
