/**
 * Files that a killed build must never leave half-made: they are written aside, synced, and renamed into place, and the
 * directory is synced after the rename.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

import { systemCode } from "../../base/errors.ts";

export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a finished file into place; both paths must be on one file system. */
export async function publish(finished: string, path: string): Promise<void> {
  await syncPath(finished);
  await mkdir(dirname(path), { recursive: true });
  await rename(finished, path);
  await syncPath(dirname(path));
}

/** Digest of a file's content in the given encoding. */
export async function fileDigest(
  path: string,
  algorithm: "sha256" | "sha512",
  encoding: "hex" | "base64",
): Promise<string> {
  const hash = createHash(algorithm);
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest(encoding);
}

export async function exists(path: string): Promise<boolean> {
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
