import assert from "node:assert/strict";
import { once } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { free } from "../../base/memory.ts";
import { openRuntimeApi } from "../testing/runtime-api-bench.ts";

const BYTES = 6 * 1024 * 1024;
const NEXT = "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: a\r\n\r\n";

/** What comes behind a head, until it has its length. */
async function bodyOf(socket: Socket): Promise<Buffer> {
  let all = Buffer.alloc(0);
  const pieces: Buffer[] = [];
  let held = 0;
  for (;;) {
    const [piece] = (await once(socket, "data")) as [Buffer];
    pieces.push(piece);
    held += piece.length;
    const end = Buffer.concat(pieces.slice(0, 2)).indexOf("\r\n\r\n");
    if (held < BYTES + end + 4) continue;
    all = Buffer.concat(pieces);
    return all.subarray(end + 4);
  }
}

test("an event that its runtime answers before it has read it stays what it was", async (t) => {
  const bench = await openRuntimeApi();
  t.after(() => bench.close());
  const slow = await bench.open();
  slow.pause();
  slow.write(NEXT);
  while (!bench.told.includes("ready")) await new Promise((resolve) => setImmediate(resolve));
  const payload = Buffer.alloc(BYTES, "a");
  bench.api.give(bench.event({ payload }));
  await bench.raw(
    `POST /2018-06-01/runtime/invocation/11111111-1111-1111-1111-111111111111/response HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`,
  );
  assert.deepEqual(bench.told, ["ready", "responded {}"]);
  // What the caller does with the answer in its hands; the memory is another's then.
  free(payload);
  const others = Array.from({ length: 4 }, () => Buffer.alloc(BYTES, "b"));
  const body = bodyOf(slow);
  slow.resume();
  assert.ok((await body).equals(Buffer.alloc(BYTES, "a")));
  assert.equal(others.length, 4);
});

test("an event that has been read is freed, and what is read of an answer is another's memory", async (t) => {
  const bench = await openRuntimeApi();
  t.after(() => bench.close());
  const socket = await bench.open();
  socket.write(NEXT);
  while (!bench.told.includes("ready")) await new Promise((resolve) => setImmediate(resolve));
  const payload = Buffer.alloc(BYTES, "a");
  const body = bodyOf(socket);
  bench.api.give(bench.event({ payload }));
  assert.equal((await body).length, BYTES);
  socket.write(
    `POST /2018-06-01/runtime/invocation/11111111-1111-1111-1111-111111111111/response HTTP/1.1\r\nHost: a\r\nContent-Length: ${BYTES}\r\n\r\n`,
  );
  const answer = Buffer.alloc(BYTES, "c");
  socket.write(answer);
  while (bench.told.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(bench.told[1], `responded ${answer.toString()}`);
  free(payload);
  assert.equal(payload.length, 0);
});
