/** The devices of a microVM: what they let through, and what goes back to the host. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import { microvm } from "./levels.ts";
import { openStage } from "./support.ts";
import { processesOf } from "./traces.ts";

const MIB = 1024 * 1024;
const BYTES_PER_SECOND = 8 * MIB;
const FILE = 48 * MIB;
const { skip } = microvm;

test("a drive is read no faster than it may", { skip }, async (t) => {
  const stage = await openStage(undefined, "microvm", { bytes: BYTES_PER_SECOND, operations: 0 });
  t.after(() => stage.close());
  const folder = mkdtempSync(join(tmpdir(), "kiln-drive-"));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  writeFileSync(join(folder, "file"), randomBytes(FILE));
  const code = await stage.bench.imageOf(folder);
  const script = `
    const startedAt = process.hrtime.bigint();
    const { length } = require("node:fs").readFileSync("/var/task/file");
    console.log(length, Number(process.hrtime.bigint() - startedAt) / 1e9);`;
  const { jail, stdout, stderr } = await startScript(stage.sandbox, stage.bench, script, { tree: { code } });
  t.after(() => jail.destroy());
  const [bytes, seconds = 0] = (await stdout).trim().split(" ").map(Number);
  assert.equal(bytes, FILE, await stderr);
  // Slower it may be for many reasons; faster for none.
  assert.ok(seconds > FILE / BYTES_PER_SECOND / 2, `${seconds} s`);
});

test("memory that a function has given back goes back to the host", { skip }, async (t) => {
  const stage = await openStage(undefined, "microvm");
  t.after(() => stage.close());
  const script = `
    let held = Array.from({ length: 100 }, () => Buffer.alloc(${MIB}, 1));
    process.once("SIGTERM", () => {
      held = undefined;
      setInterval(gc, 100);
    });
    setInterval(() => {}, 1e6);
    console.log("held " + held.length);`;
  const argv = [stage.bench.node, "--expose-gc", "-e", script];
  const { jail, first } = await startScript(stage.sandbox, stage.bench, "", { argv });
  t.after(() => jail.destroy());
  await first;
  const [vmm] = processesOf(stage.bench.instance);
  const residentMB = (): number =>
    Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${vmm}/status`, "utf8"))?.[1]) / 1024;
  const before = residentMB();
  assert.ok(before > 100, `${before} MB`);
  jail.terminate();
  for (let tries = 0; residentMB() > before - 60; tries++) {
    assert.ok(tries < 600, `of ${before} MB the VMM still has ${residentMB()}`);
    await sleep(100);
  }
});
