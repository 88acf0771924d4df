import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { compileFilter } from "./filter-pattern.ts";

for (const [pattern, matching, other] of [
  ["", ["anything", ""], []],
  [undefined, ["anything"], []],
  ["ERROR", ["[ERROR 400] BAD", "ERROR"], ["error", "WARN"]],
  ["ERROR ARGUMENTS", ["ARGUMENTS ERROR"], ["ERROR", "ARGUMENTS"]],
  ["?ERROR ?ARGUMENTS", ["an ERROR", "ARGUMENTS"], ["none"]],
  ["ERROR -EXITING", ["ERROR"], ["ERROR EXITING", "EXITING"]],
  ["-EXITING", ["ERROR"], ["EXITING"]],
  ['"INTERNAL SERVER ERROR"', ["500 INTERNAL SERVER ERROR!"], ["INTERNAL ERROR SERVER"]],
  ['-"two words" x', ["x words two"], ["x two words"]],
  ['?"a b" ?c', ["a b", "c"], ["ab"]],
  ['"say \\"hi\\""', ['they say "hi"'], ["they say hi"]],
  ['"user@example.com"', ["from user@example.com"], ["from user"]],
  ["?ERROR REQUEST", ["REQUEST"], ["ERROR"]],
] as const) {
  test(`${pattern ?? "no pattern"} matches as CloudWatch does`, () => {
    const matches = compileFilter(pattern);
    for (const message of matching) assert.equal(matches(message), true, message);
    for (const message of other) assert.equal(matches(message), false, message);
  });
}

for (const pattern of ["{ $.a = 1 }", "[a, b]", "%a.*b%", 'open "quote', "user@example.com", 'a"b"', "- x"]) {
  test(`${pattern} is refused with InvalidParameterException`, () => {
    assert.throws(() => compileFilter(pattern), { code: "InvalidParameterException" });
  });
}

test("any pattern either compiles or is refused", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), fc.string(), (pattern, message) => {
      try {
        assert.equal(typeof compileFilter(pattern)(message), "boolean");
      } catch (thrown) {
        assert.equal((thrown as { code?: string }).code, "InvalidParameterException");
      }
    }),
  );
});
