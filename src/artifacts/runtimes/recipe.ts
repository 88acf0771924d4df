/**
 * What an image is made of, as keys. Everything that changes an image's content goes into its key, so that a build is
 * skipped exactly when there is nothing to do.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";

import { suiteOf, type Arch, type RuntimeBuild, type Suite } from "./builds.ts";
import { nodeSdkKey } from "./node-sdk.ts";

/** Goes up with every change of how a tree is trimmed or assembled. */
const RECIPE_VERSION = 3;

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
  // Node.js from 26 on.
  "libatomic1",
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

export interface BootstrapFile {
  /** Below /var/runtime. */
  name: string;
  path: string;
}

/** A family's bootstrap, which goes to /var/runtime: all of its folder but the documentation and what an interpreter cached. */
export function bootstrapFiles(family: string): BootstrapFile[] {
  const directory = join(bootstrapRoot, family);
  // Images of registries may bring their own.
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.endsWith(".md") && !path.endsWith(".pyc"))
    .sort()
    .map((path) => ({ name: path.slice(directory.length + 1).replaceAll(sep, "/"), path }));
}

export function baseKey(arch: Arch, suite: Suite): string {
  return digest(["base", RECIPE_VERSION, suite, arch, PACKAGES]);
}

export function imageKey(id: string, family: string, build: RuntimeBuild, arch: Arch): string {
  const files = bootstrapFiles(family).map(({ name, path }) => [name, digest(readFileSync(path, "latin1"))]);
  // The digest of the other architecture's package does not matter.
  const own = build.kind === "node" ? { ...build, integrity: build.integrity[arch], sdk: nodeSdkKey() } : build;
  return digest(["image", baseKey(arch, suiteOf(build)), id, own, EROFS_ARGS, files]);
}

function digest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
