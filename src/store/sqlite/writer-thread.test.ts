import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const NAME = "writer-thread.ts";

/** A process of its own that starts the thread and is killed at once. Returns what Node.js tells of the thread's code. */
function start(cache: string, database: string): string[] {
  const program = `
    import { startWriter } from ${JSON.stringify(new URL("group-commit.ts", import.meta.url).href)};
    const writer = await startWriter(${JSON.stringify(database)});
    await writer.submit({ op: "documents", writes: [] });
    process.kill(process.pid, "SIGKILL");
  `;
  const env = { NODE_COMPILE_CACHE: cache, NODE_DEBUG_NATIVE: "COMPILE_CACHE" };
  const { stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], { env, encoding: "utf8" });
  return stderr.split("\n").filter((line) => line.includes(NAME));
}

test("the thread has its code out of the cache, stripped and compiled, also after a kill", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "kiln-writer-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const cache = join(folder, "compiled");
  const first = start(cache, join(folder, "first.db"));
  assert.ok(first.some((line) => line.includes("writing cache for StrippedTypeScript")));
  const second = start(cache, join(folder, "second.db"));
  assert.ok(second.some((line) => line.includes("retrieving transpile cache") && line.endsWith("success")));
  assert.ok(second.some((line) => line.includes("V8 code cache") && line.includes("was accepted")));
});
