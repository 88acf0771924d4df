/**
 * The root of trust: a file with root keys, each a line of 32 bytes in Base64, which only its owner can read. It lies
 * outside the state directory, or comes from somewhere else: whoever gets the one without the other has nothing.
 *
 * A file that Kiln has made also names the key ring that it is for, so that a rotation can take old keys out of it. One
 * that was given to Kiln names none; it may serve others, and keys are only ever added to it.
 */
import { hash, randomBytes } from "node:crypto";
import { dirname } from "node:path";
import { makeDirectory, replaceDurably } from "../../base/durable-file.ts";
import { KilnError } from "../../base/errors.ts";
import { readPrivate } from "./private-file.ts";

const KEY_BYTES = 32;
const RING = "ring ";

export interface RootKeys {
  /** The ring that the file was made for; absent in a file that Kiln has not made. */
  readonly ring?: string;
  /** At least one. */
  readonly keys: readonly Buffer[];
}

export function newRootKey(): Buffer {
  return randomBytes(KEY_BYTES);
}

/** Tells keys apart without telling anything of them: they are random. */
export function rootKeyId(key: Buffer): string {
  return hash("sha256", key, "hex").slice(0, 8);
}

/** Undefined when there is no file. Throws KilnError KEY_FILE_UNUSABLE. */
export async function readKeyFile(file: string): Promise<RootKeys | undefined> {
  const found = await readPrivate(file, (why, cause) => unusable(file, why, cause));
  return found && parse(file, found.text);
}

/** Whole or not at all, whenever the power fails. */
export async function writeKeyFile(file: string, { ring, keys }: RootKeys): Promise<void> {
  const lines = [...(ring === undefined ? [] : [RING + ring]), ...keys.map((key) => key.toString("base64"))];
  try {
    await makeDirectory(dirname(file));
    await replaceDurably(`${file}.new`, file, `${lines.join("\n")}\n`);
  } catch (cause) {
    throw unusable(file, "cannot be written", cause);
  }
}

function parse(file: string, text: string): RootKeys {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const rings = lines.filter((line) => line.startsWith(RING)).map((line) => line.slice(RING.length).trim());
  const keys = lines.filter((line) => !line.startsWith(RING)).map((line) => Buffer.from(line.trim(), "base64"));
  if (keys.length === 0 || rings.length > 1 || keys.some((key) => key.length !== KEY_BYTES)) {
    throw unusable(file, `has to hold keys of ${KEY_BYTES} bytes in Base64, one a line`);
  }
  const [ring] = rings;
  return { keys, ...(ring === undefined ? {} : { ring }) };
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("KEY_FILE_UNUSABLE", `The key file ${file} ${why}.`, {
    hint: "Nothing in the state directory can be read without it: put it back from a backup, with mode 0600.",
    ...(cause === undefined ? {} : { cause }),
  });
}
