import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import { isJson } from "./json-bytes.ts";

function parses(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  try {
    JSON.parse(Buffer.from(bytes).toString());
    return true;
  } catch {
    return false;
  }
}

/** At every alignment, because strings are taken four bytes at a time. */
function judged(text: string | Uint8Array): boolean {
  const bytes = Buffer.from(text);
  const all = [0, 1, 2, 3].map((shift) => {
    const memory = new Uint8Array(bytes.length + shift + 5).fill(0x22);
    memory.set(bytes, shift);
    return isJson(memory.subarray(shift, shift + bytes.length));
  });
  assert.equal(new Set(all).size, 1);
  return all[0] === true;
}

const json = fc.oneof(
  fc.json(),
  fc.json({ stringUnit: "binary" }),
  fc.jsonValue({ maxDepth: 4 }).map((value) => JSON.stringify(value, undefined, 2)),
  fc.string({ unit: "grapheme", minLength: 20, maxLength: 200 }).map((text) => JSON.stringify(text)),
  fc.double().map(String),
);

test("texts that JSON.stringify writes are JSON", () => {
  fc.assert(
    fc.property(
      json.filter((text) => parses(Buffer.from(text))),
      judged,
    ),
    { numRuns: 2000 },
  );
});

test("whatever is changed in a text, the verdict is that of JSON.parse", () => {
  const bytes = fc.oneof(
    fc.constantFrom(...Buffer.from('{}[]",:\\/u0eE+-.1tfn \n\t\r\0\x1f\x7f\x80\xff')),
    fc.nat(255),
  );
  const change = fc.record({ at: fc.nat(), byte: bytes, how: fc.constantFrom("set", "insert", "remove", "cut") });
  const changed = fc.tuple(json, fc.array(change, { minLength: 1, maxLength: 3 })).map(([text, changes]) => {
    let all = [...Buffer.from(text)];
    for (const { at, byte, how } of changes) {
      const index = at % (all.length + 1);
      if (how === "set") all[index] = byte;
      else if (how === "insert") all.splice(index, 0, byte);
      else if (how === "remove") all.splice(index, 1);
      else all = all.slice(0, index);
    }
    return Uint8Array.from(all);
  });
  fc.assert(
    fc.property(changed.filter(isUtf8), (text) => assert.equal(judged(text), parses(text))),
    { numRuns: 20_000 },
  );
});

test("each byte at each place of a long string, as JSON.parse has it", () => {
  for (let byte = 0; byte < 0x80; byte += 1) {
    for (let at = 0; at < 48; at += 1) {
      const text = Buffer.from(`"${"x".repeat(48)}"`);
      text[at + 1] = byte;
      assert.equal(judged(text), parses(text), `${byte} at ${at}`);
    }
  }
});

test("escapes, numbers, words and white space", () => {
  const texts = [
    '"\\u00e4\\"\\\\\\/\\b\\f\\n\\r\\t"',
    '"\\u00G0"',
    '"\\x"',
    '"\\',
    '"\\u12',
    "-0",
    "-",
    "01",
    "1.",
    ".5",
    "1e",
    "1e+",
    "-1.5E-7",
  ];
  texts.push(
    "true",
    "tru",
    "truee",
    "nul",
    "false",
    " \t\r\n[ ] ",
    "\v1",
    "\ufeff1",
    "",
    " ",
    "{}{}",
    "[1,]",
    "[,1]",
    '{"a":1,}',
    '{"a"}',
    "{a:1}",
    "]",
    "[}",
  );
  for (const text of texts) assert.equal(judged(text), parses(Buffer.from(text)), text);
});

function nested(depth: number): Buffer {
  return Buffer.from(`${"[".repeat(depth)}1${"]".repeat(depth)}`);
}

test("what is nested too deeply is not judged", () => {
  assert.equal(isJson(nested(1024)), true);
  assert.equal(isJson(nested(1025)), false);
  assert.equal(isJson(nested(3_000_000)), false);
});
