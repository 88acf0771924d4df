/**
 * The Debian user space, built once and kept as a tar archive that the images start from that bring their own runtime. Its name is its recipe's
 * key; it is there whole or not at all.
 */
import { join } from "node:path";

import type { Suite } from "./builds.ts";
import { debianTree } from "./debian-tree.ts";
import { exists, publish } from "./disk.ts";
import { run } from "./run.ts";

export interface BaseOptions {
  dir: string;
  suite: Suite;
  key: string;
  /** A directory of this build alone, on the same file system as `dir`. */
  work: string;
  /** Builds it anew from today's packages though it is there. */
  refresh: boolean;
  signal?: AbortSignal | undefined;
}

/** Path of the archive. */
export async function baseArchive({ dir, suite, key, work, refresh, signal }: BaseOptions): Promise<string> {
  const path = join(dir, `base-${key.slice(0, 16)}.tar`);
  if (!refresh && (await exists(path))) {
    return path;
  }
  const root = join(work, `base-${suite}`);
  await debianTree({ suite, root, work, signal });
  const archive = join(work, `base-${suite}.tar`);
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
