import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { openSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { sealedCopy } from "./sealed-program.ts";

test("a program runs from its copy, which nobody can change, and is found as a shell finds it", (t) => {
  const copy = sealedCopy("cat");
  if (copy === undefined) return t.skip("this host does not run programs from memory");
  t.after(() => copy.close());
  assert.deepEqual(readFileSync(copy.path), readFileSync("/bin/cat"));
  assert.equal(execFileSync(copy.path, { input: "through it" }).toString(), "through it");
  assert.throws(() => writeFileSync(copy.path, "x"), { code: "EPERM" });
  assert.throws(() => openSync(copy.path, "w"), { code: "EPERM" });
});

test("what is not there, and what is no program of the machine's own, has no copy", () => {
  assert.equal(sealedCopy("no-such-program"), undefined);
  assert.equal(sealedCopy(import.meta.filename), undefined);
});
