/**
 * Where the log begins and ends, sealed with the key: without it, lines that are cut off at the end would not be missed.
 * It is written after the lines that it tells of are on disk, in place and in one sector: after a loss of power it may tell
 * of fewer lines than there are, never of more.
 *
 * A second copy of it, the witness, lies outside the state directory: it tells of records that an older copy of the whole
 * directory, head included, does not have any more.
 */
import { open, type FileHandle } from "node:fs/promises";
import { systemCode } from "../../base/errors.ts";
import { macOf, sameMac } from "./chain.ts";

export interface Head {
  /** The oldest record that is kept, and the MAC of the one before it. */
  readonly oldest: number;
  readonly before: string;
  /** The number of the next record, and the MAC of the last one. */
  readonly next: number;
  readonly last: string;
}

const SECTOR = 512;

export interface HeadFile {
  /** `sync`: it survives a loss of power as well. */
  write(head: Head, sync?: boolean): Promise<void>;
  close(): Promise<void>;
}

/** `witness`: where the second copy goes; undefined for none. */
export async function openHead(path: string, key: Buffer, witness?: string): Promise<HeadFile> {
  const files = [await openForWriting(path)];
  if (witness !== undefined) {
    try {
      files.push(await openForWriting(witness));
    } catch (error) {
      await files[0]?.close();
      throw error;
    }
  }
  // One after the other, so that the last one that was asked for is the one that stays.
  let before: Promise<unknown> = Promise.resolve();
  return {
    write(head, sync = false) {
      const text = JSON.stringify(head);
      const sealed = `${macOf(key, `head ${text}`)} ${text}`.padEnd(SECTOR - 1).concat("\n");
      const written = before.then(async () => {
        for (const file of files) {
          await file.write(sealed, 0);
          if (sync) await file.datasync();
        }
      });
      before = written.catch(() => undefined);
      return written;
    },
    async close() {
      await before;
      for (const file of files) await file.close();
    },
  };
}

/** Undefined where there is none; "broken" for one that this key has not sealed. */
export async function readHead(path: string, key: Buffer): Promise<Head | "broken" | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const text = await file.readFile("utf8");
    const [, mac = "", json = ""] = /^([\w-]{43}) (\{[^}]{1,400}\}) *\n$/.exec(text) ?? [];
    return sameMac(macOf(key, `head ${json}`), mac) ? (JSON.parse(json) as Head) : "broken";
  } finally {
    await file.close();
  }
}

async function openForWriting(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r+", 0o600);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return open(path, "w+", 0o600);
    throw error;
  }
}
