import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { testSealer } from "../../../test/support/sealer.ts";
import type { Sealer } from "../../store/contract.ts";
import type { DataKey } from "./data-keys.ts";
import { newDataKey } from "./ring-file.ts";
import { createSealer } from "./sealer.ts";

const CHUNK = 64 * 1024;

async function* pieces(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function joined(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const piece of source) all.push(piece);
  return Buffer.concat(all);
}

const sealed = (sealer: Sealer, clear: Buffer, size = 10_000) => joined(sealer.sealStream(pieces(clear, size), "here"));
const opened = (sealer: Sealer, bytes: Buffer, size = 10_000, context = "here") =>
  joined(sealer.openStream(pieces(bytes, size), context));
const broken = { code: "SEAL_BROKEN" };

test("messages open with their key and context only, and not when a bit of them has changed", () => {
  const sealer = testSealer();
  const other = testSealer();
  fc.assert(
    fc.property(fc.uint8Array(), fc.string(), fc.nat(), fc.integer({ min: 0, max: 7 }), (clear, context, at, bit) => {
      const bytes = sealer.seal(clear, context);
      assert.ok(sealer.isSealed(bytes));
      assert.deepEqual(new Uint8Array(sealer.open(bytes, context)), new Uint8Array(clear));
      assert.throws(() => sealer.open(bytes, `${context}.`), broken);
      assert.throws(() => other.open(bytes, context), { code: "SEAL_KEY_MISSING" });
      assert.notDeepEqual(sealer.seal(clear, context), bytes);
      const changed = Buffer.from(bytes);
      const index = at % bytes.length;
      changed[index] = (changed[index] ?? 0) ^ (1 << bit);
      assert.throws(() => sealer.open(changed, context), { code: /^SEAL_/ });
      assert.throws(() => sealer.open(bytes.subarray(0, index), context), { code: /^SEAL_/ });
    }),
  );
});

test("streams come back whole, whatever their length and their pieces are", async () => {
  const sealer = testSealer();
  for (const length of [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7]) {
    const clear = randomBytes(length);
    for (const size of [1000, CHUNK, CHUNK + 16, 1024 * 1024]) {
      const bytes = await sealed(sealer, clear, size);
      assert.equal(sealer.clearSize(bytes.subarray(0, 24), bytes.length), length);
      assert.ok(clear.equals(await opened(sealer, bytes, size)));
    }
  }
  assert.equal(sealer.clearSize(Buffer.from("PK\x03\x04".padEnd(24)), 1000), undefined);
});

test("streams that are cut, lengthened, reordered, mixed or changed do not open", async () => {
  const sealer = testSealer();
  const head = 24;
  const one = CHUNK + 16;
  const bytes = await sealed(sealer, randomBytes(3 * CHUNK));
  const another = await sealed(sealer, randomBytes(3 * CHUNK));
  const chunk = (of: Buffer, index: number) => of.subarray(head + index * one, head + (index + 1) * one);
  const made: Record<string, Buffer> = {
    "cut after a chunk": bytes.subarray(0, head + 2 * one),
    "cut in a chunk": bytes.subarray(0, -1),
    "nothing but the head": bytes.subarray(0, head),
    "less than the head": bytes.subarray(0, head - 1),
    lengthened: Buffer.concat([bytes, chunk(bytes, 2)]),
    reordered: Buffer.concat([bytes.subarray(0, head), chunk(bytes, 1), chunk(bytes, 0), chunk(bytes, 2)]),
    mixed: Buffer.concat([bytes.subarray(0, head), chunk(bytes, 0), chunk(another, 1), chunk(bytes, 2)]),
  };
  for (const at of [5, 10, head + 3, head + one + 3, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    made[`changed at ${at}`] = changed;
  }
  for (const [what, wrong] of Object.entries(made)) {
    await assert.rejects(opened(sealer, wrong), { code: /^SEAL_/ }, what);
  }
  await assert.rejects(opened(sealer, bytes, 10_000, "elsewhere"), broken);
});

test("what was sealed before a rotation opens after it", () => {
  const keys: DataKey[] = [newDataKey([])];
  const sealer = createSealer({
    current: () => keys.at(-1) ?? newDataKey([]),
    find: (id) => keys.find((key) => key.id === id),
  });
  const before = sealer.seal(Buffer.from("before"), "");
  keys.push(newDataKey(keys));
  const after = sealer.seal(Buffer.from("after"), "");
  assert.notEqual(after.toString("hex", 4, 8), before.toString("hex", 4, 8));
  assert.equal(sealer.open(before, "").toString(), "before");
  keys.shift();
  assert.equal(sealer.open(after, "").toString(), "after");
});
