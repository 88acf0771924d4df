import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { test } from "node:test";
import { forSending, free, sent, writeLarge } from "./memory.ts";

const BYTES = 100_000;

test("a large buffer's memory goes at once", () => {
  const bytes = Buffer.allocUnsafe(BYTES);
  free(bytes);
  assert.equal(bytes.length, 0);
  assert.equal(bytes.buffer.byteLength, 0);
});

test("memory that others may have as well stays", () => {
  const all = Buffer.allocUnsafe(BYTES);
  free(all.subarray(1));
  assert.equal(all.length, BYTES);
  const small = Buffer.from("{}");
  free(small);
  assert.equal(small.toString(), "{}");
  const alone = Buffer.allocUnsafeSlow(10);
  free(alone);
  assert.equal(alone.length, 10);
});

/** A stream whose writes are over when the test says so. */
function slow(): { to: Writable; over: ((error?: Error) => void)[] } {
  const over: ((error?: Error) => void)[] = [];
  return { to: new Writable({ write: (_chunk, _encoding, then) => void over.push(then) }), over };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what a write still reads stays, until the last write of it is over", async () => {
  const one = slow();
  const two = slow();
  const bytes = Buffer.allocUnsafe(BYTES);
  writeLarge(one.to, bytes);
  writeLarge(two.to, bytes);
  free(bytes);
  assert.equal(bytes.length, BYTES);
  one.over[0]?.();
  await settled();
  free(bytes);
  assert.equal(bytes.length, BYTES);
  two.over[0]?.();
  await settled();
  free(bytes);
  assert.equal(bytes.length, 0);
});

test("what a write has failed with is never freed", async () => {
  const { to, over } = slow();
  to.on("error", () => undefined);
  const bytes = Buffer.allocUnsafe(BYTES);
  writeLarge(to, bytes);
  over[0]?.(new Error("broken"));
  await settled();
  free(bytes);
  assert.equal(bytes.length, BYTES);
});

test("what has been sent is freed only if its maker has said so", () => {
  const kept = Buffer.allocUnsafe(BYTES);
  sent(kept);
  assert.equal(kept.length, BYTES);
  const bytes = forSending(Buffer.allocUnsafe(BYTES));
  sent(bytes);
  assert.equal(bytes.length, 0);
});
