/** One process owns a state directory, by a lock that goes with the process. */
import { chmodSync, closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { explainDiskError } from "../base/disk-error.ts";
import { makeDirectory, replaceDurably } from "../base/durable-file.ts";
import { KilnError, messageOf, systemCode } from "../base/errors.ts";
import { tryLock } from "../base/file-lock.ts";

/** Layout of the state directory as a whole. The database has a schema version of its own. */
const LAYOUT_VERSION = 1;

export interface StateDirectory {
  readonly dir: string;
  /** Lets another process in. Call it last. */
  release(): void;
}

/**
 * Makes the directory (mode 0700), takes its lock and checks its version. Throws KilnError `STATE_LOCKED` when another
 * process has it, `STATE_TOO_NEW` when a newer Kiln wrote it, `STATE_…` or `DISK_…` when the disk refuses.
 */
export async function lockStateDirectory(dir: string): Promise<StateDirectory> {
  let lock: number;
  try {
    await makeDirectory(dir);
    chmodSync(dir, 0o700);
    lock = openSync(join(dir, "lock"), "a+", 0o600);
  } catch (error) {
    throw explain(error, dir);
  }
  try {
    takeLock(lock, dir);
    await checkVersion(dir);
  } catch (error) {
    closeSync(lock);
    throw explain(error, dir);
  }
  return { dir, release: () => closeSync(lock) };
}

/** Plain words for everything that the disk can say: this is the first thing that a newcomer gets wrong. */
function explain(error: unknown, dir: string): unknown {
  const explained = explainDiskError(error, `open the state directory ${dir}`);
  if (explained instanceof KilnError || systemCode(explained) === undefined) return explained;
  return new KilnError("STATE_UNUSABLE", `Kiln could not open the state directory ${dir}: ${messageOf(error)}`, {
    hint: "Choose a directory on a writable local file system with --state.",
    cause: error,
  });
}

function takeLock(lock: number, dir: string): void {
  const outcome = tryLock(lock);
  if (outcome === "taken") throw lockedError(dir);
  if (outcome !== "locked") {
    throw new KilnError("STATE_LOCK_FAILED", `The lock of ${dir} cannot be taken (errno ${outcome.errno}).`, {
      hint: "The state directory must lie on a local file system.",
    });
  }
  // For people and for the error of the next one who tries; nobody takes it for the lock.
  ftruncateSync(lock);
  writeSync(lock, `${process.pid}\n`);
  fsyncSync(lock);
}

function lockedError(dir: string): KilnError {
  const pid = /^(\d+)\n/.exec(readFileSync(join(dir, "lock"), "latin1"))?.[1];
  const owner = pid === undefined ? "another process" : `process ${pid}`;
  return new KilnError("STATE_LOCKED", `The state directory ${dir} is in use by ${owner}.`, {
    hint: "Stop that process, or choose another directory with --state.",
  });
}

async function checkVersion(dir: string): Promise<void> {
  const path = join(dir, "version");
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    await replaceDurably(`${path}.new`, path, `${LAYOUT_VERSION}\n`);
    return;
  }
  const version = /^\d{1,6}\n?$/.test(text) ? Number(text) : undefined;
  if (version === undefined) {
    throw new KilnError("STATE_UNKNOWN", `${path} does not hold a version.`, {
      hint: "The directory is damaged or is not a state directory of Kiln.",
    });
  }
  if (version > LAYOUT_VERSION) {
    throw new KilnError("STATE_TOO_NEW", `${dir} has layout ${version}; this Kiln knows up to ${LAYOUT_VERSION}.`, {
      hint: "Run the newer Kiln that wrote it, or choose another directory with --state.",
    });
  }
}
