/** Files that only their owner may read: keys, passphrases. */
import { open } from "node:fs/promises";
import { systemCode } from "../../base/errors.ts";

export interface PrivateText {
  readonly text: string;
  /** When it was written; ms since the epoch. */
  readonly writtenAt: number;
}

/** Undefined when there is none. `unusable` makes the error of what is wrong: `/a/file cannot be read`. */
export async function readPrivate(
  file: string,
  unusable: (why: string, cause?: unknown) => Error,
): Promise<PrivateText | undefined> {
  let handle;
  try {
    handle = await open(file, "r");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw unusable("cannot be read", cause);
  }
  try {
    const { mode, mtimeMs } = await handle.stat();
    if ((mode & 0o077) !== 0) throw unusable("can be read by others than its owner");
    return { text: await handle.readFile("utf8"), writtenAt: Math.floor(mtimeMs) };
  } finally {
    await handle.close();
  }
}
