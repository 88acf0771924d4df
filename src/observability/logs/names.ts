import { createHash } from "node:crypto";

/** Longest escaped name that is used as it is; ext4 and xfs allow 255 bytes. */
const MAX_NAME = 180;

/**
 * A directory name for an untrusted name. Letters, digits, `-` and `_` stay; every other byte becomes `%XX`, so there is
 * no separator, no leading dot and no control character. A name that would be too long keeps its beginning and ends in
 * `~` and 128 bits of its hash, as does one that is not well-formed Unicode; `~` is escaped elsewhere, so the two forms
 * cannot meet. The full name is in group.json.
 */
export function fileNameOf(name: string): string {
  if (name === "") return "~";
  const escaped = [...Buffer.from(name, "utf8")].map(escapeByte).join("");
  if (escaped.length <= MAX_NAME && name.isWellFormed()) return escaped;
  // The hash is of UTF-16: UTF-8 would fold all lone surrogates into one character.
  const hash = createHash("sha256").update(name, "utf16le").digest("hex").slice(0, 32);
  return `${escaped.slice(0, MAX_NAME - 33)}~${hash}`;
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[A-Za-z0-9_-]/.test(character) ? character : `%${byte.toString(16).padStart(2, "0").toUpperCase()}`;
}
