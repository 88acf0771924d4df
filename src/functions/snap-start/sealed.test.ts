import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { test } from "node:test";
import { openSnapshot, sealSnapshot } from "./sealed.ts";

function* inPieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const key = randomBytes(32);
const seal = (clear: Buffer, size: number): Promise<Buffer> =>
  buffer(sealSnapshot(Readable.from(inPieces(clear, size)), key));
const open = (sealed: Buffer, size: number, by = key): Promise<Buffer> =>
  buffer(openSnapshot(Readable.from(inPieces(sealed, size)), by));

test("a sealed snapshot opens to what it was, in whatever pieces it comes", async () => {
  for (const length of [1, 15, 16, 17, 70_000]) {
    const clear = randomBytes(length);
    for (const size of [1, 7, 16, 4096, 100_000]) {
      if (length * 1000 < size || (size === 1 && length > 100)) continue;
      const sealed = await seal(clear, size);
      assert.equal(sealed.length, clear.length + 28);
      assert.ok((await open(sealed, size)).equals(clear), `${length} in pieces of ${size}`);
    }
  }
});

test("another key, changed and cut bytes do not open", async () => {
  const sealed = await seal(randomBytes(1000), 1000);
  const changed = Buffer.from(sealed);
  changed[500] = (changed[500] ?? 0) ^ 1;
  for (const [bytes, by] of [
    [sealed, randomBytes(32)],
    [changed, key],
    [sealed.subarray(0, -1), key],
    [sealed.subarray(0, 5), key],
  ] as const) {
    await assert.rejects(open(bytes, 64, by), { code: "SNAPSHOT_DAMAGED" });
  }
});
