import { strict as assert } from "node:assert";
import { test } from "node:test";
import { median, rankTest } from "./statistics.ts";

test("the median of an even number of values is between the two in the middle", () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 2, 3]), 2.5);
});

test("the rank test has the exact probabilities of the published tables", () => {
  // Of C(10, 5) = 252 orders, 1 has U = 0, 1 has U = 1, 2 have U = 2.
  assert.equal(rankTest([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]), 2 / 252);
  assert.equal(rankTest([1, 2, 3, 4, 6], [5, 7, 8, 9, 10]), 4 / 252);
  assert.equal(rankTest([1, 2, 3], [4, 5, 6]), 2 / 20);
  assert.equal(rankTest([6, 7, 8, 9, 10], [1, 2, 3, 4, 5]), 2 / 252);
});

test("equal values, and no values, are no difference", () => {
  assert.equal(rankTest([1, 1, 1, 1], [1, 1, 1, 1]), 1);
  assert.equal(rankTest([], [1]), 1);
});

function many(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => from + index);
}

test("many values have the normal distribution's probabilities, near those of the exact test", () => {
  // 30 × 30 is counted, 31 × 31 is not; shifted by 6 of 30 places.
  const exact = rankTest(many(0, 30), many(6, 30));
  const near = rankTest(many(0, 31), many(6.2, 31));
  assert.ok(Math.abs(exact - near) < 0.01, `${exact} and ${near}`);
  assert.ok(rankTest(many(0, 100), many(1000, 100)) < 1e-6);
});
