/**
 * Ranges of user and group ids on the host, one per living jail and never shared, also not between two Kilns on one
 * machine. A range is taken by creating a symbolic link named after it, which only one process can do. It points to nothing
 * but its owner's name, which is there from the first moment on (a file would be empty at first, and stay so after a kill):
 * the start after a crash gives back what the dead one held.
 */
import { mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { KilnError, systemCode } from "../../base/errors.ts";

/** Ids per jail: as many as a user space may name. */
export const UID_RANGE_SIZE = 65_536;
/** Far above the ids of people, services and the sub-id ranges that distributions hand out. */
const FIRST_BASE = 0x4000_0000;
const RANGES = (0xf000_0000 - FIRST_BASE) / UID_RANGE_SIZE;

export interface UidRange {
  /** First id on the host; the jail's id 0. */
  readonly base: number;
  release(): void;
}

export interface UidRanges {
  take(): UidRange;
  /** Gives back everything that this owner holds. Only when none of its jails lives. */
  releaseAll(): void;
}

function isMine(claim: string, owner: string): boolean {
  try {
    return readlinkSync(claim) === owner;
  } catch (error) {
    // Given back meanwhile; or no link, and so none of Kiln's.
    if (["ENOENT", "EINVAL"].includes(systemCode(error) ?? "")) return false;
    throw error;
  }
}

export function createUidRanges(options: { dir: string; owner: string }): UidRanges {
  const { dir, owner } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // Different owners start at different places, so that they seldom try each other's.
  let next = Math.floor(Math.random() * RANGES);

  function take(): UidRange {
    for (let tries = 0; tries < RANGES; tries++) {
      const base = FIRST_BASE + next * UID_RANGE_SIZE;
      next = (next + 1) % RANGES;
      const claim = join(dir, String(base));
      try {
        symlinkSync(owner, claim);
      } catch (error) {
        if (systemCode(error) === "EEXIST") continue;
        throw error;
      }
      return { base, release: () => rmSync(claim, { force: true }) };
    }
    throw new KilnError("UID_RANGES_EXHAUSTED", `All ${RANGES} id ranges of ${dir} are taken.`, {
      hint: "Stop jails, or remove the links of Kilns that are gone for good.",
    });
  }

  return {
    take,
    releaseAll() {
      for (const name of readdirSync(dir)) {
        if (isMine(join(dir, name), owner)) rmSync(join(dir, name), { force: true });
      }
    },
  };
}
