/** Nothing that was answered is lost when the process is killed, and what was Pending is finished by the next start. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import type { FunctionDocument, FunctionVersion } from "../../src/functions/contract.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { domainOn, testArtifacts } from "./support.ts";

const ROUNDS = 6;

it("finishes what a killed process left", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "kiln-functions-"));
  t.after(() => rm(dir, { recursive: true, force: true }));
  /** Number of the last answered change, by function. */
  const answered = new Map<string, number>();
  const published = new Set<string>();
  let unfinished = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "kill-child.ts"), dir], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let lines = 0;
    const stop = 10 + Math.floor(Math.random() * 80);
    for await (const line of createInterface({ input: child.stdout })) {
      const [name = "", count, version] = line.split(" ");
      answered.set(name, Number(count));
      if (version) published.add(`123456789012/us-east-1/${name}/${version.padStart(10, "0")}`);
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
    await functions.close();
    await store.close();
  }
  assert.ok(published.size > 0);
  assert.ok(unfinished > 0, "the kills never met a preparation");
});
