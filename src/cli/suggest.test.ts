import assert from "node:assert/strict";
import { test } from "node:test";
import { closest } from "./suggest.ts";

const commands = ["serve", "env", "deploy", "invoke", "logs", "list", "rm", "runtimes", "doctor"];

for (const [word, expected] of [
  ["inovke", "invoke"],
  ["log", "logs"],
  ["depoly", "deploy"],
  ["runtime", "runtimes"],
  ["delete-function", undefined],
  ["xyzzy", undefined],
  ["x".repeat(100_000), undefined],
] as const) {
  test(`${word.slice(0, 20)} → ${expected ?? "no suggestion"}`, () => {
    assert.equal(closest(word, commands), expected);
  });
}
