/** The guest's kernel, its first file system and the programs of the host: the same bytes from the same packages. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { buildMicrovm } from "../../src/artifacts/microvm/build.ts";
import { microvmDirectory } from "../../src/artifacts/microvm/files.ts";
import { microvm, onlyInFull } from "./levels.ts";

test("two builds of what microVMs consist of are the same", { skip: microvm.skip || onlyInFull }, async (t) => {
  const built: Record<string, string>[] = [];
  for (const _ of ["one", "other"]) {
    const runtimesDir = mkdtempSync(join(tmpdir(), "kiln-microvm-"));
    t.after(() => rmSync(runtimesDir, { recursive: true }));
    await buildMicrovm({ runtimesDir });
    const dir = microvmDirectory(runtimesDir);
    // The names of all others have their content's digest in them.
    const text = (name: string): string => (name.endsWith(".json") ? readFileSync(join(dir, name), "utf8") : "");
    built.push(Object.fromEntries(readdirSync(dir).map((name) => [name, text(name)])));
  }
  const [one = {}, other] = built;
  assert.ok(Object.keys(one).length >= 9, Object.keys(one).join());
  assert.deepEqual(one, other);
});
