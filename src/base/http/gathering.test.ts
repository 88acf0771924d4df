import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { Gathering } from "./gathering.ts";

test("all that comes is there in its order, whatever was announced", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(70_000), { maxLength: 20 }), fc.nat(1_000_000), (lengths, expected) => {
      const pieces = lengths.map((length) => randomBytes(length));
      const all = Buffer.concat(pieces);
      const body = new Gathering(expected);
      for (const piece of pieces) body.add(Buffer.from(piece));
      assert.equal(body.length, all.length);
      assert.deepEqual(body.take(), all);
    }),
  );
});

test("what is only announced takes no memory: sixteen times what has come at most", () => {
  const announced = 64 * 1024 * 1024;
  const body = new Gathering(announced);
  let most = 64 * 1024;
  for (let count = 0; count < 100; count += 1) {
    assert.ok(body.held <= most, `${body.held} for ${body.length}`);
    body.add(Buffer.alloc(20_000));
    most = Math.max(most, 16 * body.length);
  }
  assert.equal(body.length, 2_000_000);
});

test("an announced body that has come whole takes its length, and its pieces none", () => {
  const body = new Gathering(1_000_000);
  const pieces = Array.from({ length: 10 }, () => Buffer.alloc(100_000));
  for (const piece of pieces) body.add(piece);
  assert.equal(body.held, 1_000_000);
  assert.deepEqual(
    pieces.map(({ length }) => length),
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 100_000],
  );
});
