/** The resolvers of the host: named in the configuration, or those of its /etc/resolv.conf, which may change. */
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { performance } from "node:perf_hooks";

const FILE = "/etc/resolv.conf";
const READ_AGAIN_MS = 5_000;
/** resolv.conf(5): MAXNS. */
const MOST = 3;

/** What a C library asks when its file names nobody. */
const LOCAL = "127.0.0.1";

export function parseResolvConf(text: string): string[] {
  const found = text
    .split("\n")
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIP(address.replace(/%.*/, "")) !== 0);
  return found.length === 0 ? [LOCAL] : found.slice(0, MOST);
}

/** @param fixed Addresses from the configuration; empty: the host's own. */
export function hostResolvers(fixed: readonly string[]): () => readonly string[] {
  if (fixed.length > 0) return () => fixed;
  let known: readonly string[] = [];
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - readAt > READ_AGAIN_MS) {
      readAt = now;
      try {
        known = parseResolvConf(readFileSync(FILE, "utf8"));
      } catch {
        // Replaced at this moment, or not there at all: what was known goes on.
        if (known.length === 0) known = [LOCAL];
      }
    }
    return known;
  };
}
