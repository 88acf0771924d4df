/** The isolation levels, and whether this machine can run each: found out by running a jail. */
import { describe, test, type TestContext } from "node:test";
import type { IsolationLevel } from "../../src/sandbox/contract.ts";
import { microvmFiles } from "../../src/artifacts/microvm/files.ts";
import { loadConfig } from "../../src/config/index.ts";
import { probeGvisor } from "../../src/sandbox/gvisor/probe.ts";
import { probeOciRuntime } from "../../src/sandbox/jail/probe.ts";

export type Level = IsolationLevel;
/** Those at which every test runs. */
export type FastLevel = Exclude<Level, "microvm">;

export interface LevelHere<L extends Level = Level> {
  level: L;
  /** For `describe` and `test`: why it cannot be tested here, or false. */
  skip: string | false;
}

async function gvisor(): Promise<LevelHere<FastLevel>> {
  const probe = await probeGvisor("runsc", probeOciRuntime);
  return { level: "gvisor", skip: probe.ok ? false : `gVisor does not run here (${probe.reason})` };
}

/** Under software emulation: what starts here starts everywhere. It is slow, and tests choose it by name. */
export const microvm: LevelHere = {
  level: "microvm",
  skip:
    microvmFiles(loadConfig({}, process.env).runtimesDir) === undefined
      ? "the guest of microVMs is not set up here (bin/node tools/build-microvm.ts)"
      : false,
};

/** Containers have to work wherever the tests run. */
export const levels: readonly LevelHere<FastLevel>[] = [{ level: "container", skip: false }, await gvisor()];

/** What is set for `npm run test:isolation`: hostile functions meet every level, however slow. */
const all = process.env["KILN_HOSTILE_LEVELS"] === "all";

/** For what is slow and tested in parts elsewhere: why `npm test` leaves it out, or false. */
export const onlyInFull: string | false = all ? false : "npm run test:isolation runs it";

/** Registers the same tests for every level; skipped, by name and with the reason, where one does not run here. */
export function atEachLevel(body: (level: FastLevel) => void): void {
  for (const { level, skip } of levels) void describe(level, { skip }, () => body(level));
}

/** The same with microVMs, under software emulation: for what is worth the time it takes there. */
export function atEveryLevel(body: (level: Level) => void): void {
  for (const { level, skip } of [...levels, microvm]) void describe(level, { skip }, () => body(level));
}

/**
 * Registers a test with hostile functions. `npm test` runs it in containers and on gVisor, and `inMicrovms` in microVMs too;
 * `npm run test:isolation`, which sets KILN_HOSTILE_LEVELS, runs all of them at every level.
 */
export function hostile(
  title: string,
  body: (context: TestContext, level: Level) => Promise<void>,
  { inMicrovms = false } = {},
): void {
  for (const { level, skip } of all || inMicrovms ? [...levels, microvm] : levels) {
    void test(`${title}, at the level ${level}`, { skip }, (context) => body(context, level));
  }
}
