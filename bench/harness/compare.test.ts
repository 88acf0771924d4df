import { strict as assert } from "node:assert";
import { test } from "node:test";
import { changesOf } from "./compare.ts";
import type { Figure } from "./finding.ts";
import type { Recorded } from "./results.ts";

const machine = { cpus: 2, cpu: "x", memoryGiB: 1, kernel: "6", node: "v24", load: [0, 0, 0] };

function run(values: number[], better: Figure["better"] = "less"): Recorded[] {
  const figure: Figure = { case: "one", subject: "kiln", metric: "p50", unit: "µs", better, values };
  const finding = { scenario: "warm", title: "", headline: "p50", figures: [figure], absent: [] };
  return [{ ...finding, at: "", machine }];
}

function verdict(before: number[], after: number[], better?: Figure["better"]): string | undefined {
  return changesOf(run(before, better), run(after, better))[0]?.verdict;
}

test("what is on one side in all rounds has changed, for the better or the worse", () => {
  assert.equal(verdict([10, 11, 12, 13], [20, 21, 22, 23]), "worse");
  assert.equal(verdict([20, 21, 22, 23], [10, 11, 12, 13]), "better");
  assert.equal(verdict([10, 11, 12, 13], [20, 21, 22, 23], "more"), "better");
});

test("what overlaps, or hardly moves, is noise", () => {
  assert.equal(verdict([10, 20, 11, 19], [12, 21, 13, 18]), "noise");
  assert.equal(verdict([100, 100.1, 100.2, 100.3], [101, 101.1, 101.2, 101.3]), "noise");
});

test("three rounds say nothing", () => {
  assert.equal(verdict([1, 2, 3], [10, 20, 30]), "too few rounds");
});
