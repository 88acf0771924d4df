import assert from "node:assert/strict";
import { it } from "node:test";
import { newId, randomText } from "./ids.ts";

it("makes UUIDs", () => {
  assert.match(newId(), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

it("makes text of the length and the alphabet that is asked for, every character as often", () => {
  const counts = new Map<string, number>();
  const text = randomText(30_000, "abc");
  assert.equal(text.length, 30_000);
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  assert.deepEqual([...counts.keys()].sort(), ["a", "b", "c"]);
  for (const count of counts.values()) assert.ok(Math.abs(count - 10_000) < 1000);
});
