/**
 * Forwarding on the host's own interfaces. Answers from the internet come in there and go on to a jail, which Linux does
 * only where forwarding is on. Where it is off, Kiln turns it on for that interface alone, keeps everything but answers
 * to jails out by a rule of its own, and turns it off again when the last Kiln stops.
 *
 * Who needs an interface is in files, so that Kilns on one machine and a start after a crash know of one another.
 */
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemCode } from "../../../base/errors.ts";
import { lockFile } from "../libc.ts";
import { removeIfEmpty } from "../remove-if-empty.ts";

export const FORWARDING_DIR = "/run/kiln-forwarding";
const sysctl = (name: string): string => `/proc/sys/net/ipv4/conf/${name}/forwarding`;

export interface Forwarding {
  /** Makes sure that an interface forwards. True when that is so only for Kilns: a rule must keep others out. */
  need(name: string): boolean;
  /** Gives back all that this owner needed. */
  release(): void;
}

function isOn(name: string): boolean {
  return readFileSync(sysctl(name), "utf8").trim() === "1";
}

function entries(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}

/** `owner` is the instance. Interfaces belong to the network namespace that this is called in. */
export function openForwarding(owner: string): Forwarding {
  const dir = join(FORWARDING_DIR, String(statSync("/proc/thread-self/ns/net").ino));

  function locked<T>(work: () => T): T {
    mkdirSync(FORWARDING_DIR, { recursive: true, mode: 0o700 });
    const lock = openSync(join(FORWARDING_DIR, "lock"), "a", 0o600);
    try {
      lockFile(lock);
      return work();
    } finally {
      closeSync(lock);
    }
  }

  /** The claim goes last: killed before, the next start does it again. */
  function give(name: string): void {
    const claims = join(dir, name);
    const others = entries(claims).some((claim) => claim !== owner);
    // Somebody may have made the whole host a router meanwhile, and an interface may be gone.
    try {
      if (!others && !isOn("all")) writeFileSync(sysctl(name), "0");
    } catch (error) {
      if (systemCode(error) !== "ENOENT") throw error;
    }
    rmSync(join(claims, owner), { force: true });
    removeIfEmpty(claims);
  }

  /** Interfaces that this owner has a claim on; nobody else takes that away. */
  const claimed = new Set<string>();

  return {
    // Asked again and again: where all is as it was left, two files are read, and nothing is locked or written.
    need: (name) =>
      (claimed.has(name) && isOn(name) && !isOn("all")) ||
      locked(() => {
        const claims = join(dir, name);
        claimed.delete(name);
        // Somebody has made the whole host a router: then what it forwards is none of Kiln's business.
        if (isOn("all")) {
          rmSync(join(claims, owner), { force: true });
          return false;
        }
        if (isOn(name) && entries(claims).length === 0) return false;
        // The file first: killed in between, the next start still turns it off.
        mkdirSync(claims, { recursive: true, mode: 0o700 });
        writeFileSync(join(claims, owner), "");
        writeFileSync(sysctl(name), "1");
        claimed.add(name);
        return true;
      }),
    release() {
      claimed.clear();
      if (entries(dir).length === 0) return;
      locked(() => {
        for (const name of entries(dir)) if (entries(join(dir, name)).includes(owner)) give(name);
        removeIfEmpty(dir);
      });
    },
  };
}
