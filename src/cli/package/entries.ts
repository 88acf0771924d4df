/** What a folder has to offer for a zip: files, links and empty folders, in a fixed order. */
import { lstat, readdir, readFile, readlink } from "node:fs/promises";
import { join, posix } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { CommandError } from "../errors.ts";
import { ignoreRules } from "./ignore.ts";

export type Entry =
  | { kind: "file"; path: string; from: string; mode: number; size: number }
  | { kind: "link"; path: string; target: string }
  | { kind: "folder"; path: string; mode: number };

/** Lists what goes into the zip, by path. Throws CommandError for what cannot be in one. */
export async function listEntries(folder: string): Promise<Entry[]> {
  const ignored = ignoreRules(await readIgnoreFile(join(folder, ".kilnignore")));
  const entries: Entry[] = [];
  await walk("");
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));

  async function walk(below: string): Promise<void> {
    for (const name of await readdir(join(folder, below))) {
      const path = below === "" ? name : `${below}/${name}`;
      const from = join(folder, path);
      const status = await lstat(from);
      const mode = status.mode & 0o777;
      if (ignored(path, status.isDirectory())) continue;
      if (status.isFile()) entries.push({ kind: "file", path, from, mode, size: status.size });
      else if (status.isSymbolicLink()) entries.push({ kind: "link", path, target: await insideTarget(from, path) });
      else if (!status.isDirectory()) throw special(from);
      else if ((await readdir(from)).length === 0) entries.push({ kind: "folder", path, mode });
      else await walk(path);
    }
  }
}

async function readIgnoreFile(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return "";
    throw thrown;
  }
}

/** Links stay links, so they must mean the same inside the function. */
async function insideTarget(from: string, path: string): Promise<string> {
  const target = await readlink(from);
  const meant = posix.normalize(posix.join(posix.dirname(path), target));
  if (posix.isAbsolute(target) || meant === ".." || meant.startsWith("../")) {
    throw new CommandError(
      `${from} is a link to ${target}, which is outside of the folder.`,
      "Copy what it points to into the folder, or list the link in .kilnignore.",
    );
  }
  return target;
}

function special(from: string): CommandError {
  return new CommandError(
    `${from} is neither a file nor a folder nor a link.`,
    "Remove it, or list it in .kilnignore.",
  );
}
