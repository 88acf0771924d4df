/** Packages from npm's registry, one process for all of them: the bytes must have the digests that Kiln knows. */
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { KilnError, messageOf, systemCode } from "../../base/errors.ts";
import { fileDigest } from "./disk.ts";

const INTEGRITY = /^sha512-([A-Za-z0-9+/]{86}==)$/;

export interface NpmPackage {
  name: string;
  version: string;
  /** npm's SHA-512 of the tarball. */
  integrity: string;
}

/**
 * Downloads tarballs; answers their paths, in the order of the packages. Throws KilnError DOWNLOAD_FAILED, DOWNLOAD_BAD
 * or HOST_PROGRAM_MISSING.
 */
export async function downloadPackages(
  packages: readonly NpmPackage[],
  directory: string,
  signal?: AbortSignal,
): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  await pack(packages.map(specifier), directory, signal);
  const paths: string[] = [];
  for (const wanted of packages) {
    const path = join(directory, tarballName(wanted));
    if (!(await hasIntegrity(path, wanted.integrity))) {
      throw new KilnError("DOWNLOAD_BAD", `${specifier(wanted)} from the npm registry is not what Kiln expects.`, {
        hint: "The registry or something between it and this machine changed the package: do not use it.",
      });
    }
    paths.push(path);
  }
  return paths;
}

/** As npm names what it packs. */
export function tarballName({ name, version }: Pick<NpmPackage, "name" | "version">): string {
  return `${name.replace("@", "").replace("/", "-")}-${version}.tgz`;
}

/** False when the file is missing; a file that differs is removed, so that it is fetched anew. */
export async function hasIntegrity(path: string, integrity: string): Promise<boolean> {
  const expected = INTEGRITY.exec(integrity)?.[1];
  try {
    if ((await fileDigest(path, "sha512", "base64")) === expected) {
      return true;
    }
    await rm(path, { force: true });
    return false;
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      return false;
    }
    throw error;
  }
}

function specifier({ name, version }: NpmPackage): string {
  return `${name}@${version}`;
}

async function pack(specifiers: readonly string[], directory: string, signal?: AbortSignal): Promise<void> {
  const options = ["--pack-destination", directory, "--ignore-scripts", "--silent"];
  try {
    await promisify(execFile)("npm", ["pack", ...specifiers, ...options], {
      cwd: directory,
      maxBuffer: 1024 * 1024,
      signal,
    });
  } catch (error) {
    if (systemCode(error) === "ENOENT") {
      throw new KilnError("HOST_PROGRAM_MISSING", "npm is not installed.", {
        hint: "apt-get install npm",
        cause: error,
      });
    }
    const what = specifiers.length === 1 ? (specifiers[0] ?? "") : `${String(specifiers.length)} packages`;
    throw new KilnError("DOWNLOAD_FAILED", `npm could not download ${what}: ${messageOf(error).trim()}`, {
      hint: "Check that this machine reaches the registry that `npm config get registry` names.",
      cause: error,
    });
  }
}
