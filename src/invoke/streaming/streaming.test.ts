import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import type { InvokeAnswer, InvokeRequest } from "../contract.ts";
import { createBandwidth, DEFAULT_BANDWIDTH } from "./bandwidth.ts";
import { createInvokeStream } from "./invoke-stream.ts";
import { createResponsePipe, type ResponsePipe } from "./pipe.ts";

const unlimited = { bytesPerSecond: 0, burstBytes: 0 };
const pipeOf = (): ResponsePipe => createResponsePipe(createBandwidth(unlimited, () => 0));
const piece = (size: number): Buffer => Buffer.alloc(size, "x");

test("AWS's bandwidth: 6 MB at once, then 2 MB each second, and it fills again", () => {
  let now = 0;
  const bandwidth = createBandwidth(DEFAULT_BANDWIDTH, () => now);
  const MB = 1024 * 1024;
  assert.equal(bandwidth.count(6 * MB), 0);
  assert.equal(bandwidth.count(MB), 500);
  now += 500;
  assert.equal(bandwidth.count(MB / 2), 250);
  now += 10_000;
  assert.equal(bandwidth.count(6 * MB), 0);
  assert.equal(createBandwidth(unlimited, () => now).count(1000 * MB), 0);
});

test("a pipe asks for a stop when its reader is slow, and for more when it has read", async () => {
  const pipe = pipeOf();
  let ready = 0;
  pipe.onReady = () => void (ready += 1);
  assert.equal(pipe.write(piece(100_000)), true);
  assert.equal(pipe.write(piece(200_000)), false);
  const reader = pipe[Symbol.asyncIterator]();
  await reader.next();
  assert.equal(ready, 1);
  await reader.next();
  assert.equal(ready, 1);
  pipe.end();
  assert.deepEqual(await reader.next(), { done: true, value: undefined });
});

test("a pipe over its bandwidth asks for a stop, and for more when it may", async () => {
  let now = 0;
  const pipe = createResponsePipe(createBandwidth({ bytesPerSecond: 100_000, burstBytes: 1000 }, () => now));
  const { promise, resolve } = Promise.withResolvers<void>();
  pipe.onReady = resolve;
  assert.equal(pipe.write(piece(900)), true);
  assert.equal(pipe.write(piece(2000)), false);
  // What has come is not held back.
  const reader = pipe[Symbol.asyncIterator]();
  await reader.next();
  await reader.next();
  await promise;
  now += 1000;
  assert.equal(pipe.write(piece(10)), true);
  pipe.end();
});

test("when the reader has gone, all is taken and nothing kept, also while it waits", async () => {
  for (const waiting of [false, true]) {
    const pipe = pipeOf();
    let ready = 0;
    pipe.onReady = () => void (ready += 1);
    const reader = pipe[Symbol.asyncIterator]();
    const next = waiting ? reader.next() : undefined;
    if (!waiting) assert.equal(pipe.write(piece(300_000)), false);
    await reader.return?.();
    if (next !== undefined) assert.equal((await next).done, true);
    assert.equal(ready, 1);
    assert.equal(pipe.write(piece(300_000)), true);
    assert.equal((await reader.next()).done, true);
    pipe.discard();
  }
});

const answer: InvokeAnswer = {
  payload: Buffer.alloc(0),
  status: "success",
  durationMs: 1,
  billedMs: 1,
  maxMemoryMB: 1,
  executedVersion: "1",
};
const request: Omit<InvokeRequest, "stream"> = {
  scope: { account: "000000000000", region: "us-east-1" },
  functionName: "f",
  requestId: "r",
  payload: Buffer.alloc(0),
  tail: false,
};

test("invokeStream resolves when the answer begins, not when it ends", async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const streamed = await createInvokeStream(async ({ stream }) => {
    const sink = stream?.({ contentType: "text/plain", executedVersion: "7" });
    sink?.write(Buffer.from("a"));
    await end;
    sink?.write(Buffer.from("b"));
    return answer;
  }, unlimited)(request);
  assert.deepEqual([streamed.contentType, streamed.executedVersion], ["text/plain", "7"]);
  const seen: string[] = [];
  for await (const bytes of streamed.body) {
    seen.push(Buffer.from(bytes).toString());
    resolve();
  }
  assert.deepEqual(seen, ["a", "b"]);
  assert.equal((await streamed.completed).executedVersion, "1");
});

test("a call that is refused rejects; one that fails before it has answered has no body", async () => {
  await assert.rejects(
    createInvokeStream(() => Promise.reject(new Error("throttled")), unlimited)(request),
    /throttled/,
  );
  const failed = await createInvokeStream(async () => ({ ...answer, functionError: "Unhandled" }), unlimited)(request);
  assert.equal(failed.contentType, undefined);
  for await (const bytes of failed.body) assert.fail(String(bytes));
  assert.equal((await failed.completed).functionError, "Unhandled");
});

test("a platform that fails in mid-stream ends the body and rejects the end", async () => {
  const streamed = await createInvokeStream(async ({ stream }) => {
    stream?.({ contentType: "x", executedVersion: "1" }).write(Buffer.from("a"));
    await sleep(1);
    throw new Error("lost");
  }, unlimited)(request);
  const seen: Uint8Array[] = [];
  for await (const bytes of streamed.body) seen.push(bytes);
  assert.equal(seen.length, 1);
  await assert.rejects(streamed.completed, /lost/);
});
