/** Runs the tests of the isolation, and prints the table of what hostile functions have come to. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { findingsTable, readFindings } from "../test/isolation/findings.ts";
import { levels, microvm } from "../test/isolation/levels.ts";

const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "kiln-findings-"));
const findings = join(folder, "findings.jsonl");
const files = process.argv.length > 2 ? process.argv.slice(2) : ["test/isolation/**/*.test.ts"];

// One file after the other: the neighbour's times are the attack's.
const tests = spawn(process.execPath, ["--test", "--test-concurrency=1", "--test-timeout=1800000", ...files], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, KILN_HOSTILE_LEVELS: "all", KILN_HOSTILE_FINDINGS: findings },
});
const [status] = (await once(tests, "exit")) as [number | null];

console.log("\nWhat each attack has come to, and the longest that a neighbour's call took meanwhile (99 of 100):\n");
const tried = [...levels, microvm];
for (const { level, skip } of tried) if (skip !== false) console.log(`${level} is not tested: ${skip}\n`);
if (existsSync(findings)) {
  const names = tried.filter(({ skip }) => skip === false).map(({ level }) => level);
  console.log(findingsTable(readFindings(findings), names));
} else {
  console.log("No hostile function has run to its end.");
}
rmSync(folder, { recursive: true });
process.exitCode = status ?? 1;
