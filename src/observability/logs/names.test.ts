import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { fileNameOf } from "./names.ts";

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 600 }),
  fc.string({ unit: "grapheme", maxLength: 600 }),
  fc.constantFrom("", ".", "..", "/", "a/b", "../../etc/passwd", "\0", "~", "%", "%2F", "a\nb", "\ud800", "\ufffd"),
);

test("any name becomes one safe path component", () => {
  fc.assert(
    fc.property(anyName, (name) => {
      assert.match(fileNameOf(name), /^[A-Za-z0-9_%~-]{1,200}$/);
    }),
  );
});

test("different names become different components", () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      assert.equal(fileNameOf(a) === fileNameOf(b), a === b);
    }),
  );
  const long = "x".repeat(500);
  assert.notEqual(fileNameOf(`${long}1`), fileNameOf(`${long}2`));
  assert.notEqual(fileNameOf("\ud800"), fileNameOf("\ufffd"));
});

test("an ordinary name stays readable", () => {
  assert.equal(fileNameOf("/aws/lambda/hello-world_1"), "%2Faws%2Flambda%2Fhello-world_1");
});
