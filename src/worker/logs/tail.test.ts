import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createTail } from "./tail.ts";

test("the tail is the last 4,096 bytes of what was written", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme", maxLength: 3000 }), { maxLength: 60 }), (lines) => {
      const tail = createTail();
      for (const line of lines) tail.add(line);
      const all = Buffer.from(lines.map((line) => `${line}\n`).join(""));
      assert.deepEqual(Buffer.from(tail.take()), all.subarray(Math.max(0, all.length - 4096)));
    }),
    { numRuns: 50 },
  );
});
