import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { assert as always, json, oneof, property, string } from "fast-check";
import { ServiceError } from "../../base/errors.ts";
import { checkFilters } from "./filters.ts";

const refusal = { code: "InvalidParameterValueException", message: "Invalid filter pattern definition." };
const check = (Pattern: string | undefined) => checkFilters({ Filters: [Pattern === undefined ? {} : { Pattern }] });

describe("filter patterns", () => {
  for (const pattern of [
    { body: { testItem: ["test24", "test45"] } },
    { body: { test2: [{ exists: true }] } },
    { body: { "my-number": [{ numeric: [">", 100] }] } },
    { body: { "my-number": [{ numeric: [">=", 100, "<", 200] }] } },
    { body: { test2: [{ prefix: "us-1" }], other: [{ suffix: ".png" }] } },
    { a: [{ "anything-but": ["x", 1] }, { "anything-but": { prefix: "x" } }] },
    { a: [{ "equals-ignore-case": "x" }, { prefix: { "equals-ignore-case": "x" } }] },
    { $or: [{ a: ["x"] }, { b: { c: [null, 1, true, ""] } }] },
    {},
  ]) {
    it(`take ${JSON.stringify(pattern)}`, () => check(JSON.stringify(pattern)));
  }

  for (const text of [
    undefined,
    "",
    "single-string",
    '"text"',
    '[{"eventName": ["INSERT"=123}]',
    "[]",
    '{"eventSource": "aws:sqs"}',
    '{"eventSource": []}',
    '{"a": [[1]]}',
    '{"a": [{}]}',
    '{"a": [{"unknown": 1}]}',
    '{"a": [{"prefix": 1}]}',
    '{"a": [{"prefix": "x", "suffix": "y"}]}',
    '{"a": [{"constructor": "x"}]}',
    '{"a": [{"exists": "true"}]}',
    '{"a": [{"numeric": [">"]}]}',
    '{"a": [{"numeric": ["<", 1, ">", 2]}]}',
    '{"a": [{"numeric": [">", 2, "<", 1]}]}',
    '{"a": [{"anything-but": {"exists": true}}]}',
    '{"$or": {"a": ["x"]}}',
    "{".repeat(4096),
    `${'{"a":'.repeat(800)}["x"]${"}".repeat(800)}`,
  ]) {
    it(`refuse ${String(text).slice(0, 60)}`, () => assert.throws(() => check(text), refusal));
  }

  it("are five at most", () => {
    const Filters = Array.from({ length: 6 }, () => ({ Pattern: '{"a":["x"]}' }));
    checkFilters({ Filters: Filters.slice(1) });
    assert.throws(() => checkFilters({ Filters }), /has 6 filters, and the limit is 5/);
  });

  it("never fail in another way", () => {
    always(
      property(oneof(json({ maxDepth: 8 }), string()), (text) => {
        try {
          check(text);
        } catch (error) {
          assert.ok(error instanceof ServiceError);
        }
      }),
    );
  });
});
