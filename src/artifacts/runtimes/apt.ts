/**
 * Debian's package sources as this host knows them: a host behind a private mirror or a proxy builds from there. A host
 * that has sources of another Debian release only finds the image's release at the same places; one that is no Debian has
 * none, and then mmdebstrap's own default for the release is right.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../../base/errors.ts";
import { run } from "./run.ts";
import type { Suite } from "./builds.ts";

const SUITES: readonly Suite[] = ["bookworm", "trixie"];
/** `bookworm-updates` → `bookworm`, `-updates`. */
const RELEASE = new RegExp(`^(${SUITES.join("|")})(|-updates|-security)$`);

/** One-line sources of the release from an apt directory (`/etc/apt`); empty when it has none of Debian. */
export async function aptSources(directory: string, suite: Suite): Promise<string[]> {
  const found: Source[] = [];
  const parts = join(directory, "sources.list.d");
  for (const file of [join(directory, "sources.list"), ...(await names(parts)).map((name) => join(parts, name))]) {
    if (file.endsWith(".list")) {
      found.push(...fromList(await text(file)));
    } else if (file.endsWith(".sources")) {
      found.push(...fromDeb822(await text(file)));
    }
  }
  const own = found.filter((source) => source.suite === suite);
  const used = own.length > 0 ? own : found;
  return [...new Set(used.map(({ before, part, after }) => `${before} ${suite}${part} ${after}`))];
}

/** A line of sources.list(5) around its suite. */
interface Source {
  before: string;
  suite: string;
  part: string;
  after: string;
}

/** Network settings of the host's apt (proxies, retries), as lines of an apt configuration file. */
export async function aptNetworkOptions(): Promise<string> {
  const dump = await run("apt-config", ["dump", "Acquire"], {
    install: "Kiln builds its images on Debian: apt-config is part of apt.",
  });
  return dump
    .split("\n")
    .filter((line) => /^Acquire::(?:http|https|Retries|ForceIPv[46])\b/i.test(line))
    .join("\n");
}

/** `deb [options] uri suite component…` (sources.list(5)). */
function fromList(content: string): Source[] {
  return content.split("\n").flatMap((raw) => {
    const line = raw.replace(/#.*$/, "").trim();
    const match = /^(deb\s+(?:\[[^\]]*\]\s+)?\S+)\s+(\S+)\s+(.+)$/.exec(line);
    if (match === null) return [];
    const [, before = "", release = "", after = ""] = match;
    return after.split(/\s+/).includes("main") ? sourceOf(before, release, after) : [];
  });
}

/** Empty when the release is none that images are made of. */
function sourceOf(before: string, release: string, after: string): Source[] {
  const match = RELEASE.exec(release);
  return match === null ? [] : [{ before, suite: match[1] ?? "", part: match[2] ?? "", after }];
}

/** Stanzas of `Types`, `URIs`, `Suites`, `Components`, `Signed-By` (sources.list(5), deb822 style). */
function fromDeb822(content: string): Source[] {
  return content.split(/\n\s*\n/).flatMap((stanza) => {
    const fields = new Map<string, string>();
    for (const line of stanza.replaceAll(/^#.*\n?/gm, "").split(/\n(?!\s)/)) {
      const match = /^([\w-]+):\s*([\s\S]*)$/.exec(line);
      if (match?.[1] !== undefined) {
        fields.set(match[1].toLowerCase(), (match[2] ?? "").trim());
      }
    }
    const words = (name: string): string[] => (fields.get(name) ?? "").split(/\s+/).filter((word) => word !== "");
    if (
      !words("types").includes("deb") ||
      /^no$/i.test(fields.get("enabled") ?? "") ||
      !words("components").includes("main")
    ) {
      return [];
    }
    const key = fields.get("signed-by") ?? "";
    const options = key.startsWith("/") ? `[signed-by=${key}] ` : "";
    return words("uris").flatMap((uri) =>
      words("suites").flatMap((suite) => sourceOf(`deb ${options}${uri}`, suite, "main")),
    );
  });
}

async function names(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return [];
    }
    throw error;
  }
}

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return "";
    }
    throw error;
  }
}
