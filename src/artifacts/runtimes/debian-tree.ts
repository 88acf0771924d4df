/** A root file system out of Debian's packages, trimmed for hostile code. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { aptNetworkOptions, aptSources } from "./apt.ts";
import type { Suite } from "./builds.ts";
import { PACKAGES } from "./recipe.ts";
import { run } from "./run.ts";
import { trimTree } from "./trim.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

export interface TreeOptions {
  suite: Suite;
  /** Beside those that every image has. */
  packages?: readonly string[];
  keep?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Made by this. */
  root: string;
  /** A directory of this build alone. */
  work: string;
  signal?: AbortSignal | undefined;
}

export async function debianTree({ suite, packages = [], keep, root, work, signal }: TreeOptions): Promise<void> {
  await mkdir(root, { recursive: true });
  await unpackPackages(suite, [...PACKAGES, ...packages], root, work, signal);
  await trimTree(root, keep);
  await run("ldconfig", ["-r", root], { install: "ldconfig is part of Debian's libc-bin.", signal });
}

/** mmdebstrap's `extract` variant unpacks and runs no script of any package. */
export async function unpackPackages(
  suite: Suite,
  packages: readonly string[],
  root: string,
  work: string,
  signal?: AbortSignal,
): Promise<void> {
  const options = join(work, "apt.conf");
  await writeFile(options, await aptNetworkOptions());
  const sources = await aptSources("/etc/apt", suite);
  await run(
    "mmdebstrap",
    [
      "--quiet",
      "--mode=root",
      "--variant=extract",
      "--format=directory",
      "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
      `--aptopt=${options}`,
      `--keyring=${KEYRING}`,
      `--include=${packages.join(",")}`,
      suite,
      root,
      ...(sources.length === 0 ? [] : ["-"]),
    ],
    {
      input: sources.map((line) => `${line}\n`).join(""),
      install: "apt-get install mmdebstrap",
      hint: "Check that this machine reaches its Debian mirror: apt-get update.",
      signal,
    },
  );
}
