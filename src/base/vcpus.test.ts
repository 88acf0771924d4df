import assert from "node:assert/strict";
import { test } from "node:test";
import { vcpusFor } from "./vcpus.ts";

test("1,769 MB are one vCPU, the largest function has almost six", () => {
  assert.equal(vcpusFor(1769), 1);
  assert.equal(Math.round(vcpusFor(10_240) * 100), 579);
});
