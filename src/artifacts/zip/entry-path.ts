import { MAX_NAME_BYTES, MAX_PATH_BYTES } from "./limits.ts";
import { badZip } from "./refusal.ts";

/**
 * The parts of an entry's name; none for the root itself (`./`). Refuses what could lead out of the root or be read in two
 * ways: absolute paths, `..`, backslashes, NUL. `./a` and `a//b`, which tools do write, mean `a` and `a/b`.
 */
export function pathParts(name: string): string[] {
  if (name === "") throw badZip("an entry has no name");
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) throw badZip(`absolute path: ${name}`);
  if (name.includes("\\") || name.includes("\0")) throw badZip(`backslash or NUL in a path: ${name}`);
  if (Buffer.byteLength(name) > MAX_PATH_BYTES) throw badZip(`path over ${MAX_PATH_BYTES} bytes`);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  for (const part of parts) {
    if (part === "..") throw badZip(`path that leads up: ${name}`);
    if (Buffer.byteLength(part) > MAX_NAME_BYTES) throw badZip(`name over ${MAX_NAME_BYTES} bytes`);
  }
  return parts;
}
