/** Looking into an image from outside: its links mean what they mean inside of it, and never lead into the host's files. */
import { lstatSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** As Linux has it. */
const MAX_LINKS = 40;
const MAX_STEPS = 4096;

/** Whether an absolute path is a directory, seen from a process whose root is `root`. Nothing may be changed there meanwhile. */
export function isDirectoryIn(root: string, path: string): boolean {
  const left = parts(path);
  let way: string[] = [];
  let links = 0;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    const part = left.shift();
    if (part === undefined) return true;
    if (part === "..") {
      way.pop();
      continue;
    }
    const at = join(root, ...way, part);
    const found = lstatSync(at, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() === true) {
      links += 1;
      if (links > MAX_LINKS) return false;
      const target = readlinkSync(at);
      if (target.startsWith("/")) way = [];
      left.unshift(...parts(target));
    } else if (found?.isDirectory() === true) {
      way.push(part);
    } else {
      return false;
    }
  }
  return false;
}

function parts(path: string): string[] {
  return path.split("/").filter((part) => part !== "" && part !== ".");
}
