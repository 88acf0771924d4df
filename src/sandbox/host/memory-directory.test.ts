import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { mountMemoryDirectory } from "./memory-directory.ts";

test("a directory in memory is its owner's alone; what had to be made above it lets others pass through", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kiln-memory-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const above = join(folder, "run");
  const dir = join(above, "one-code");
  const memory = mountMemoryDirectory(dir);
  const modes = [above, dir].map((path) => (statSync(path).mode & 0o777).toString(8));
  memory.close();
  assert.deepEqual(modes, ["711", "700"]);
});

test("nothing is left of it when it is closed", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kiln-memory-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const dir = join(folder, "one-code");
  mountMemoryDirectory(dir).close();
  assert.equal(existsSync(dir), false);
});
