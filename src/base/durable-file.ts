/**
 * Files that are either there as a whole or not at all, whenever the process or the power dies: written aside in the
 * same file system, synced, renamed, and the directory synced so that the new name survives as well.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { systemCode } from "./errors.ts";

/** Makes the names in a directory durable: what was renamed into it, created in it or removed from it. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Makes a directory with those above it, mode 0700, so that they survive a loss of power. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  let at = resolve(path);
  while (at !== dirname(at)) {
    await syncDirectory(dirname(at));
    if (at === first) return;
    at = dirname(at);
  }
}

/** A name that nobody else uses. */
export function asideName(): string {
  return randomBytes(12).toString("hex");
}

/**
 * Calls `fill` with a new file at the path `temporary`, syncs it, and renames it to the path that `target` gives after
 * `fill`. Both paths lie in one file system.
 */
export async function writeDurably(
  temporary: string,
  fill: (file: FileHandle) => Promise<void>,
  target: () => string | Promise<string>,
): Promise<void> {
  let path: string;
  try {
    const file = await open(temporary, "w", 0o600);
    try {
      await fill(file);
      await file.sync();
    } finally {
      await file.close();
    }
    path = await target();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** The file at `path` becomes this content, by way of the path `temporary`. */
export function replaceDurably(temporary: string, path: string, content: string | Uint8Array): Promise<void> {
  // `write` may take a part only, which is what a disk does that has room for no more.
  return writeDurably(
    temporary,
    (file) => file.writeFile(content),
    () => path,
  );
}

/** Undefined where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes the directory and removes what an earlier process had left in it: half-written files. */
export async function emptyAside(directory: string): Promise<void> {
  await makeDirectory(directory);
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true });
}
