/** A kill in the middle of writing loses no record of a call that was answered, and leaves a log that can be verified. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { readAuditKey } from "../../src/security/audit/key.ts";
import { listSegments, readSegment } from "../../src/security/audit/segments.ts";
import { verifyLog } from "../../src/security/audit/verify.ts";

const rounds = 6;

test("kill -9 loses no record of an answered call", async (context) => {
  const root = await mkdtemp(join(tmpdir(), "kiln-audit-kill-"));
  context.after(() => rm(root, { recursive: true, force: true }));
  const dir = join(root, "log");
  const keyFile = join(root, "audit.key");
  const answered = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const child = spawn(process.execPath, [join(import.meta.dirname, "writer.ts"), dir, keyFile, String(round)], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    let said = "";
    child.stderr.on("data", (bytes: Buffer) => (said += bytes.toString()));
    const begun = new Promise<void>((resolve) => {
      child.stdout.on("data", (bytes: Buffer) => {
        out += bytes.toString();
        resolve();
      });
    });
    await Promise.race([begun, once(child, "exit")]);
    await sleep(Math.random() * 150);
    child.kill("SIGKILL");
    await once(child, "close");
    assert.equal(said, "");
    // What was not printed to its end may have been answered or not.
    for (const id of out.split("\n").slice(0, -1)) answered.add(id);
  }
  const key = await readAuditKey(keyFile);
  const { findings, records } = await verifyLog(dir, key?.chain ?? Buffer.alloc(0));
  assert.deepEqual(findings, []);
  const found = new Set<string>();
  for (const { path } of await listSegments(dir)) {
    for (const { link } of (await readSegment(path)).lines) {
      if (link !== undefined) found.add((JSON.parse(link.json) as { requestID: string }).requestID);
    }
  }
  assert.ok(answered.size >= rounds, `${answered.size} answered`);
  assert.ok(records >= answered.size);
  assert.deepEqual(
    [...answered].filter((id) => !found.has(id)),
    [],
  );
});
