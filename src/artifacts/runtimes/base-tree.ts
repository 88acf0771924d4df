/**
 * The Debian user space, built once and kept as a tar archive that every image starts from. Its name is its recipe's
 * key; it is there whole or not at all.
 */
import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../../base/errors.ts";
import { aptNetworkOptions, aptSources } from "./apt.ts";
import { publish } from "./disk.ts";
import { PACKAGES, SUITE } from "./recipe.ts";
import { run } from "./run.ts";
import { trimTree } from "./trim.ts";

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

export interface BaseOptions {
  dir: string;
  key: string;
  /** A directory of this build alone, on the same file system as `dir`. */
  work: string;
  /** Builds it anew from today's packages though it is there. */
  refresh: boolean;
  signal?: AbortSignal | undefined;
}

/** Path of the archive. */
export async function baseArchive({ dir, key, work, refresh, signal }: BaseOptions): Promise<string> {
  const path = join(dir, `base-${key.slice(0, 16)}.tar`);
  if (!refresh && (await exists(path))) {
    return path;
  }
  const root = join(work, "base");
  await mkdir(root, { recursive: true });
  await unpackPackages(root, work, signal);
  await trimTree(root);
  await run("ldconfig", ["-r", root], { install: "ldconfig is part of Debian's libc-bin.", signal });
  const archive = join(work, "base.tar");
  await run(
    "tar",
    [
      "--create",
      "--file",
      archive,
      "--sort=name",
      "--mtime=@0",
      "--owner=0",
      "--group=0",
      "--numeric-owner",
      "-C",
      root,
    ].concat(["--exclude=./var/cache", "."]),
    { install: "apt-get install tar", signal },
  );
  await publish(archive, path);
  return path;
}

/** mmdebstrap's `extract` variant unpacks and runs no script of any package. */
async function unpackPackages(root: string, work: string, signal?: AbortSignal): Promise<void> {
  const options = join(work, "apt.conf");
  await writeFile(options, await aptNetworkOptions());
  const sources = await aptSources("/etc/apt");
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
      `--include=${PACKAGES.join(",")}`,
      SUITE,
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

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return false;
    }
    throw error;
  }
}
