/**
 * Debian's package sources as this host knows them: a host behind a private mirror or a proxy builds from there. A host
 * that is not of the image's release has no sources for it; then mmdebstrap's own default for that release is right.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../../base/errors.ts";
import { run } from "./run.ts";
import { SUITE } from "./recipe.ts";

const RELEASES = new Set([SUITE, `${SUITE}-updates`, `${SUITE}-security`]);

/** One-line sources of the release from an apt directory (`/etc/apt`); empty when it has none for it. */
export async function aptSources(directory: string): Promise<string[]> {
  const lines: string[] = [];
  const parts = join(directory, "sources.list.d");
  for (const file of [join(directory, "sources.list"), ...(await names(parts)).map((name) => join(parts, name))]) {
    if (file.endsWith(".list")) {
      lines.push(...fromList(await text(file)));
    } else if (file.endsWith(".sources")) {
      lines.push(...fromDeb822(await text(file)));
    }
  }
  return [...new Set(lines)];
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
function fromList(content: string): string[] {
  return content
    .split("\n")
    .map((line) => line.replace(/#.*$/, "").trim())
    .filter((line) => {
      const match = /^deb\s+(?:\[[^\]]*\]\s+)?\S+\s+(\S+)\s+(.+)$/.exec(line);
      return match?.[1] !== undefined && RELEASES.has(match[1]) && (match[2] ?? "").split(/\s+/).includes("main");
    });
}

/** Stanzas of `Types`, `URIs`, `Suites`, `Components`, `Signed-By` (sources.list(5), deb822 style). */
function fromDeb822(content: string): string[] {
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
      words("suites")
        .filter((suite) => RELEASES.has(suite))
        .map((suite) => `deb ${options}${uri} ${suite} main`),
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
