import assert from "node:assert/strict";
import { test } from "node:test";
import { NormalizedSchema } from "@smithy/core/schema";
import { ServiceError } from "../../base/errors.ts";
import { parseJson } from "./parse.ts";
import { createReaders } from "./reader.ts";

const bounds = { jsonDepth: 4, jsonValues: 100 };
const parse = (text: string) => parseJson(Buffer.from(text), bounds);

function refused(pattern: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof ServiceError && error.code === "SerializationException" && pattern.test(error.message);
}

test("brackets and commas in strings do not count, escaped quotes do not end them", () => {
  assert.deepEqual(parse('{"a":"[[[[[[\\"[[[[\\\\"}'), { a: '[[[[[["[[[[\\' });
  assert.deepEqual(parse(`["${",".repeat(1000)}"]`), [",".repeat(1000)]);
});

test("depth, number of values, UTF-8 and syntax are checked", () => {
  assert.deepEqual(parse("[[[[]]]]"), [[[[]]]]);
  assert.throws(() => parse("[[[[[]]]]]"), refused(/deeper than 4/));
  assert.throws(() => parse(`[${"1,".repeat(100)}1]`), refused(/more than 100 values/));
  assert.throws(() => parseJson(Buffer.from([0x22, 0xff, 0x22]), bounds), refused(/UTF-8/));
  for (const text of ["{", '{"a"', '"\\', "nul", "[1,]", "\u{feff}{}", '{"a":1}x'])
    assert.throws(() => parse(text), refused(/./));
  assert.equal(parseJson(Buffer.alloc(0), bounds), undefined);
});

/** `[kind, namespace, name, traits, members, schemas]`, as the SDK writes structures; 64 and 128 make lists and maps. */
const structure = (members: Record<string, unknown>, kind = 3) =>
  NormalizedSchema.of([kind, "test", `S${Math.random()}`, 0, Object.keys(members), Object.values(members)] as never);
const kinds = {
  string: 0,
  number: 1,
  boolean: 2,
  time: 4,
  date: 5,
  httpDate: 6,
  document: 15,
  bigInteger: 17,
  blob: 21,
};

test("each kind of value is read, and refused when it is another", () => {
  const read = createReaders(true)(structure({ ...kinds, list: 64, map: 128 }));
  const input = {
    string: "s",
    number: "NaN",
    boolean: false,
    time: 1.5,
    date: "2026-01-02T03:04:05Z",
    httpDate: "Fri, 02 Jan 2026 03:04:05 GMT",
    document: { a: [1, null] },
    bigInteger: 7,
    blob: "aGk=",
    list: ["a", null],
    map: JSON.parse('{"a":"b","__proto__":"c"}') as unknown,
    unknown: {},
  };
  const date = new Date("2026-01-02T03:04:05Z");
  const result = read(input) as Record<string, unknown>;
  assert.deepEqual(Object.keys(result["map"] as object), ["a", "__proto__"]);
  assert.deepEqual(
    { ...result, map: undefined },
    {
      string: "s",
      number: NaN,
      boolean: false,
      time: new Date(1500),
      date,
      httpDate: date,
      document: { a: [1, null] },
      bigInteger: 7n,
      blob: Buffer.from("hi"),
      list: ["a", null],
      map: undefined,
    },
  );
  for (const [member, value, message] of [
    ["string", 1, /^NUMBER_VALUE can not be converted to a String$/],
    ["string", true, /^TRUE_VALUE can not be converted to a String$/],
    ["string", {}, /^Start of structure or map found where not expected\.$/],
    ["string", [], /^Start of list found where not expected$/],
    ["number", "5", /^STRING_VALUE can not be converted to a Number$/],
    ["number", "toString", /^STRING_VALUE/],
    ["boolean", "true", /^STRING_VALUE can not be converted to a Boolean$/],
    ["time", "yesterday", /Timestamp/],
    ["time", {}, /Start of structure/],
    ["date", "2026-13-40T00:00:00Z", /Timestamp/],
    ["bigInteger", 1.5, /BigInteger/],
    ["blob", "a", /Base64/],
    ["blob", "a=bc", /Base64/],
    ["blob", "!!!!", /Base64/],
    ["list", "a", /^Expected list or null$/],
    ["list", [1], /^NUMBER_VALUE/],
    ["map", [], /^Start of list/],
    ["map", { a: 1 }, /^NUMBER_VALUE/],
  ] as const) {
    assert.throws(() => read({ [member]: value }), refused(message), `${member} ${JSON.stringify(value)}`);
  }
  assert.throws(() => read("text"), refused(/^Expected structure or null$/));
});

test("null is absent, names of Object are nothing special, unions have one member", () => {
  const read = createReaders(true)(structure({ string: 0, toString: 0 }));
  assert.deepEqual(read({ string: null }), {});
  const union = createReaders(true)(structure({ a: 0, b: 0 }, 4));
  assert.deepEqual(union({ a: "x", b: null }), { a: "x" });
  assert.throws(() => union({ a: "x", b: "y" }), refused(/union/));
  assert.throws(() => union({}), refused(/union/));
});

test("a shape may contain itself", () => {
  const tree: unknown[] = [3, "test", "Tree", 0, ["name", "child"], [0, () => tree]];
  const read = createReaders(true)(NormalizedSchema.of(tree as never));
  assert.deepEqual(read({ name: "a", child: { name: "b", child: { name: "c" } } }), {
    name: "a",
    child: { name: "b", child: { name: "c" } },
  });
});
