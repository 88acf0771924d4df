import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createLineSplitter } from "./line-splitter.ts";

function split(chunks: readonly Buffer[], maxBytes?: number): string[] {
  const events: string[] = [];
  const splitter = createLineSplitter((event) => void events.push(event), maxBytes);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.flush();
  return events;
}

test("a newline ends an event, a carriage return stands for one inside", () => {
  assert.deepEqual(split([Buffer.from("a\nb\rc\n\nd\r\nlast")]), ["a", "b\nc", "", "d", "last"]);
});

test("an event over the limit is cut, not inside a character", () => {
  assert.deepEqual(split([Buffer.from("aaé\n")], 3), ["aa", "é"]);
  assert.deepEqual(split([Buffer.from("abcdefgh\nij\n")], 3), ["abc", "def", "gh", "ij"]);
  assert.deepEqual(split([Buffer.alloc(5, 0x80)], 2).join(""), "�".repeat(5));
});

test("events are the same however the bytes arrive, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), fc.array(fc.nat(300)), (input, cuts) => {
      const bytes = Buffer.from(input);
      const chunks: Buffer[] = [];
      let from = 0;
      for (const to of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
        chunks.push(bytes.subarray(from, to));
        from = Math.max(from, Math.min(to, bytes.length));
      }
      assert.deepEqual(split(chunks), split([bytes]));
      const cut = split(chunks, 16);
      for (const event of cut) assert.ok(Buffer.byteLength(event) <= 16);
      assert.equal(cut.join("").replaceAll(/[\r\n]/g, ""), input.replaceAll(/[\r\n]/g, ""));
    }),
  );
});
