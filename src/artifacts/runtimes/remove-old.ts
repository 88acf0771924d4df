/**
 * Removes what no build leads to any more. An image that a process holds open (every `createRuntimes` holds those that
 * it has handed out) or that backs a loop device stays until a later build.
 */
import { readdir, readFile, readlink, rm, stat } from "node:fs/promises";
import { join } from "node:path";

import { systemCode } from "../../base/errors.ts";

/** Names of the files removed. `keep` has the file names that are current. */
export async function removeOld(dir: string, keep: ReadonlySet<string>): Promise<string[]> {
  const stale = (await readdir(dir)).filter((name) => /\.(?:erofs|jar|tar|tgz)$/.test(name) && !keep.has(name));
  if (stale.length === 0) {
    return [];
  }
  const used = new Set([...(await openFiles()), ...(await loopFiles())]);
  const removed: string[] = [];
  for (const name of stale) {
    const path = join(dir, name);
    const { dev, ino } = await stat(path);
    if (!used.has(`${String(dev)}:${String(ino)}`)) {
      await rm(path, { force: true });
      removed.push(name);
    }
  }
  return removed;
}

/** `dev:ino` of every erofs image that some process has open. */
async function openFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const directory = `/proc/${pid}/fd`;
    for (const fd of (await gone(readdir(directory))) ?? []) {
      const path = join(directory, fd);
      if ((await gone(readlink(path)))?.endsWith(".erofs") === true) {
        const open = await gone(stat(path));
        found.push(...(open === undefined ? [] : [`${String(open.dev)}:${String(open.ino)}`]));
      }
    }
  }
  return found;
}

/** `dev:ino` of every file behind a loop device. */
async function loopFiles(): Promise<string[]> {
  const found: string[] = [];
  for (const name of (await readdir("/sys/block")).filter((block) => block.startsWith("loop"))) {
    const path = (await gone(readFile(`/sys/block/${name}/loop/backing_file`, "utf8")))?.trimEnd();
    const open = path === undefined ? undefined : await gone(stat(path));
    found.push(...(open === undefined ? [] : [`${String(open.dev)}:${String(open.ino)}`]));
  }
  return found;
}

/** Undefined when the thing looked at has ended meanwhile. */
async function gone<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (["ENOENT", "ESRCH", "EACCES", "ENXIO", "EINVAL"].includes(systemCode(error) ?? "")) {
      return undefined;
    }
    throw error;
  }
}
