/** The isolation levels, and whether this machine can run each: found out by running a jail. */
import { describe, test, type TestContext } from "node:test";
import type { IsolationLevel } from "../../src/sandbox/contract.ts";
import { probeGvisor } from "../../src/sandbox/gvisor/probe.ts";
import { probeOciRuntime } from "../../src/sandbox/jail/probe.ts";

/** The levels that are built. */
export type Level = Exclude<IsolationLevel, "microvm">;

export interface LevelHere {
  level: Level;
  /** For `describe` and `test`: why it cannot be tested here, or false. */
  skip: string | false;
}

async function gvisor(): Promise<LevelHere> {
  const probe = await probeGvisor("runsc", probeOciRuntime);
  return { level: "gvisor", skip: probe.ok ? false : `gVisor does not run here (${probe.reason})` };
}

/** Containers have to work wherever the tests run. */
export const levels: readonly LevelHere[] = [{ level: "container", skip: false }, await gvisor()];

/** Registers the same tests for every level; skipped, by name and with the reason, where one does not run here. */
export function atEachLevel(body: (level: Level) => void): void {
  for (const { level, skip } of levels) void describe(level, { skip }, () => body(level));
}

/**
 * Registers a test with hostile functions. `npm test` runs it at the first level; `npm run test:isolation`, which sets
 * KILN_HOSTILE_LEVELS, at all of them.
 */
export function hostile(title: string, body: (context: TestContext, level: Level) => Promise<void>): void {
  const all = process.env["KILN_HOSTILE_LEVELS"] === "all";
  for (const { level, skip } of all ? levels : levels.slice(0, 1)) {
    void test(`${title}, at the level ${level}`, { skip }, (context) => body(context, level));
  }
}
