import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { createFilter } from "./filter.ts";
import { matches, type Pattern } from "./matches.ts";

/** Pattern, record, whether it matches; after the examples of AWS's guide. */
const cases: readonly (readonly [pattern: object, record: object, matches: boolean])[] = [
  [{ a: ["x"] }, { a: "x" }, true],
  [{ a: ["x"] }, { a: "y" }, false],
  [{ a: ["x"] }, {}, false],
  [{ a: ["x", "y"] }, { a: "y" }, true],
  [{ a: [1] }, { a: 1 }, true],
  [{ a: [1] }, { a: "1" }, false],
  [{ a: [null] }, { a: null }, true],
  [{ a: [null] }, {}, false],
  [{ a: [""] }, { a: "" }, true],
  [{ a: [true] }, { a: true }, true],
  [{ a: ["x"], b: ["y"] }, { a: "x", b: "y" }, true],
  [{ a: ["x"], b: ["y"] }, { a: "x", b: "z" }, false],
  [{ a: { b: { c: ["x"] } } }, { a: { b: { c: "x" } } }, true],
  [{ a: { b: ["x"] } }, { a: "x" }, false],
  [{ a: ["x"] }, { a: ["w", "x"] }, true],
  [{ a: { b: ["x"] } }, { a: [{ b: "w" }, { b: "x" }] }, true],
  [{ a: [{ prefix: "ab" }] }, { a: "abc" }, true],
  [{ a: [{ prefix: "ab" }] }, { a: "cab" }, false],
  [{ a: [{ prefix: { "equals-ignore-case": "AB" } }] }, { a: "abc" }, true],
  [{ a: [{ suffix: ".png" }] }, { a: "x.png" }, true],
  [{ a: [{ suffix: { "equals-ignore-case": ".PNG" } }] }, { a: "x.png" }, true],
  [{ a: [{ "equals-ignore-case": "AbC" }] }, { a: "aBc" }, true],
  [{ a: [{ exists: true }] }, { a: 0 }, true],
  [{ a: [{ exists: true }] }, {}, false],
  [{ a: [{ exists: false }] }, {}, true],
  [{ a: [{ exists: false }] }, { a: null }, false],
  [{ a: [{ exists: true }] }, { a: { b: 1 } }, false],
  [{ a: [{ numeric: ["=", 3.5] }] }, { a: 3.5 }, true],
  [{ a: [{ numeric: [">", 0, "<=", 5] }] }, { a: 5 }, true],
  [{ a: [{ numeric: [">", 0, "<=", 5] }] }, { a: 0 }, false],
  [{ a: [{ numeric: ["<", 10] }] }, { a: "5" }, false],
  [{ a: [{ "anything-but": "x" }] }, { a: "y" }, true],
  [{ a: [{ "anything-but": "x" }] }, { a: "x" }, false],
  [{ a: [{ "anything-but": "x" }] }, {}, false],
  [{ a: [{ "anything-but": ["x", 1] }] }, { a: 1 }, false],
  [{ a: [{ "anything-but": { prefix: "ab" } }] }, { a: "abc" }, false],
  [{ a: [{ "anything-but": { suffix: ["c", "d"] } }] }, { a: "abe" }, true],
  [{ a: [{ "anything-but": { wildcard: "*.tmp" } }] }, { a: "x.tmp" }, false],
  [{ a: [{ "anything-but": ["x"] }] }, { a: ["x", "y"] }, false],
  [{ a: [{ cidr: "10.0.0.0/24" }] }, { a: "10.0.0.255" }, true],
  [{ a: [{ cidr: "10.0.0.0/24" }] }, { a: "10.0.1.0" }, false],
  [{ a: [{ cidr: "2001:db8::/32" }] }, { a: "2001:db8::1" }, true],
  [{ a: [{ cidr: "10.0.0.0/24" }] }, { a: "no address" }, false],
  [{ a: [{ wildcard: "dir/*/file.*" }] }, { a: "dir/x/y/file.txt" }, true],
  [{ a: [{ wildcard: "dir/*/file.*" }] }, { a: "dir/file.txt" }, false],
  [{ a: [{ wildcard: "a\\*b" }] }, { a: "a*b" }, true],
  [{ a: [{ wildcard: "a\\*b" }] }, { a: "axb" }, false],
  [{ a: [{ wildcard: "*" }] }, { a: "" }, true],
  [{ $or: [{ a: ["x"] }, { b: ["y"] }] }, { b: "y" }, true],
  [{ $or: [{ a: ["x"] }, { b: ["y"] }] }, { a: "y" }, false],
  [{ c: ["z"], $or: [{ a: ["x"] }, { b: ["y"] }] }, { a: "x" }, false],
];

describe("event patterns", () => {
  for (const [pattern, record, expected] of cases) {
    const title = `${JSON.stringify(pattern)} ${expected ? "takes" : "leaves"} ${JSON.stringify(record)}`;
    it(title, () => assert.equal(matches(pattern as Pattern, record as never), expected));
  }

  it("compare wildcards as a regular expression would, in bounded time", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "*"), { maxLength: 12 }).map((all) => all.join(""));
    const texts = fc.array(fc.constantFrom("a", "b"), { maxLength: 12 }).map((all) => all.join(""));
    fc.assert(
      fc.property(letters, texts, (wildcard, a) => {
        const expression = new RegExp(`^${wildcard.replaceAll("*", ".*")}$`);
        assert.equal(matches({ a: [{ wildcard }] }, { a }), expression.test(a));
      }),
    );
    const slow = { a: [{ wildcard: `${"a*".repeat(500)}b` }] };
    assert.equal(matches(slow, { a: "a".repeat(20_000) }), false);
  });
});

const record = (body: string) => ({ messageId: "1", body, attributes: { SenderId: "me" } });

describe("filters of a mapping", () => {
  it("let everything through where there are none", () => {
    assert.equal(createFilter([], "body")(record("x")), true);
  });

  it("look into a body that is JSON, and compare one that is text", () => {
    const structured = createFilter(['{"body":{"n":[1]}}'], "body");
    assert.equal(structured(record('{"n":1}')), true);
    assert.equal(structured(record('{"n":2}')), false);
    assert.equal(structured(record("no JSON")), false);
    const plain = createFilter(['{"body":["stop"]}'], "body");
    assert.equal(plain(record("stop")), true);
    assert.equal(plain(record("go")), false);
  });

  it("let through what any of them takes, also by its metadata", () => {
    const either = createFilter(['{"body":{"n":[1]}}', '{"attributes":{"SenderId":["me"]}}'], "body");
    assert.equal(either(record("anything")), true);
  });
});
