/**
 * What an image is made of, as keys. Everything that changes an image's content goes into its key, so that a build is
 * skipped exactly when there is nothing to do.
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { Arch, NodeBuild } from "./node-builds.ts";

/** Goes up with every change of how a tree is trimmed or assembled. */
const RECIPE_VERSION = 1;

export const SUITE = "bookworm";

/**
 * The user space that function code may shell out to. AWS's images have bash, coreutils, curl, grep, sed, awk and the
 * like; everything else comes from the function's own package or its layers.
 */
export const PACKAGES: readonly string[] = [
  "base-files",
  "bash",
  "ca-certificates",
  "coreutils",
  "curl",
  "dash",
  "debianutils",
  "findutils",
  "grep",
  "gzip",
  "libc-bin",
  "libc6",
  "libstdc++6",
  "mawk",
  "netbase",
  "openssl",
  "procps",
  "sed",
  "tar",
  "tini",
  "tzdata",
];

/**
 * Uncompressed: of the first start after a mount, 50 ms against 70 to 120 ms with lz4 and lz4hc, because a page of the
 * 120 MB Node binary that is touched once costs a whole cluster to decompress. It costs 80 MB of disk an image.
 */
export const EROFS_ARGS: readonly string[] = [
  "--quiet",
  "-T0",
  "--all-root",
  "-x-1",
  "-U00000000-0000-0000-0000-000000000000",
];

const bootstrapRoot = fileURLToPath(new URL("../../../runtimes/", import.meta.url));

/** Files of a family's bootstrap that go to /var/runtime: its scripts, not its documentation. */
export function bootstrapFiles(family: string): { name: string; path: string }[] {
  const directory = join(bootstrapRoot, family);
  return readdirSync(directory)
    .filter((name) => name === "bootstrap" || name.endsWith(".cjs"))
    .sort()
    .map((name) => ({ name, path: join(directory, name) }));
}

export function baseKey(arch: Arch): string {
  return digest(["base", RECIPE_VERSION, SUITE, arch, PACKAGES]);
}

export function imageKey(id: string, family: string, build: NodeBuild, arch: Arch): string {
  const files = bootstrapFiles(family).map(({ name, path }) => [name, digest(readFileSync(path, "latin1"))]);
  return digest(["image", baseKey(arch), id, build.version, build.integrity[arch], EROFS_ARGS, files]);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
