/** Nothing that was answered is lost when the process is killed, and what was Pending is finished by the next start. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import type { AliasDocument } from "../../src/functions/aliases/contract.ts";
import type { FunctionDocument, FunctionVersion } from "../../src/functions/contract.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { domainOn, scope, testArtifacts } from "./support.ts";

const ROUNDS = 6;

it("finishes what a killed process left", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "kiln-functions-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  /** Number of the last answered change, by function. */
  const answered = new Map<string, number>();
  /** Keys of versions whose publication was answered, but for those that may have been removed afterwards. */
  const published = new Set<string>();
  /** Number of the version that each function's alias was last moved to, as answered. */
  const moved = new Map<string, number>();
  let unfinished = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "kill-child.ts"), dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let lines = 0;
    const stop = 10 + Math.floor(Math.random() * 120);
    for await (const line of createInterface({ input: child.stdout })) {
      const [name = "", count, version = ""] = line.split(" ");
      const versionKey = `123456789012/us-east-1/${name}/${version.padStart(10, "0")}`;
      if (count === "alias") moved.set(name, Number(version));
      else answered.set(name, Number(count));
      if (count !== "alias" && version !== "") {
        for (const key of published) if (key.startsWith(`123456789012/us-east-1/${name}/`)) published.delete(key);
        published.add(versionKey);
      }
      lines += 1;
      if (lines === stop) child.kill("SIGKILL");
    }

    const store = await openSqliteStore({ dir });
    const before = await store.documents.list<FunctionDocument>("function", "", { limit: 1000 });
    unfinished += before.items.filter(({ value }) => value.latest.phase !== "ready").length;
    const artifacts = testArtifacts();
    // The test's artifacts are in memory, so those of the killed process are not there: any code can be prepared.
    artifacts.prepare = async (blob) => `/images/${blob}`;
    const { functions } = await domainOn(store, artifacts, dir);
    await functions.settled();
    const after = await store.documents.list<FunctionDocument>("function", "", { limit: 1000 });
    const versions = await store.documents.list<FunctionVersion>("function-version", "", { limit: 1000 });
    const known = new Map(after.items.map(({ value }) => [value.name, Number(value.latest.settings.Description)]));
    for (const [name, count] of answered) {
      // A change that was stored and not answered is newer than the answered one.
      assert.ok((known.get(name) ?? -1) >= count, `change ${count} of ${name} was answered and is lost`);
    }
    const versionKeys = new Set(versions.items.map(({ key }) => key));
    assert.deepEqual(
      [...published].filter((key) => !versionKeys.has(key)),
      [],
    );
    assert.deepEqual(new Set(after.items.map(({ value }) => value.latest.phase)), new Set(["ready"]));
    assert.ok(after.items.every(({ value }) => value.serving === undefined));
    assert.ok(versions.items.every(({ value }) => value.phase === "ready"));
    for (const [name, version] of moved) {
      const found = await functions.aliases.find(scope, name, "live");
      assert.ok(Number(found?.version.version) >= version, `the alias of ${name} is not where it was moved to`);
    }
    for (const { value, key } of (await store.documents.list<AliasDocument>("function-alias", "", { limit: 1000 }))
      .items) {
      const name = key.split("/").at(2) ?? "";
      assert.equal((await functions.aliases.find(scope, name, value.name))?.version.version, value.functionVersion);
    }
    await functions.close();
    await store.close();
  }
  assert.ok(moved.size > 0);
  assert.ok(published.size > 0);
  assert.ok(unfinished > 0, "the kills never met a preparation");
});
