/** Identifiers that nobody can guess. */
import { randomBytes, randomUUID } from "node:crypto";

/** A random UUID: request ids, revision ids, identities of code and configuration. */
export function newId(): string {
  return randomUUID();
}

/** Random text of `length` characters of the alphabet (at most 256 characters long). */
export function randomText(length: number, alphabet: string): string {
  const limit = 256 - (256 % alphabet.length);
  let text = "";
  while (text.length < length) {
    for (const byte of randomBytes(length - text.length)) {
      if (byte < limit) text += alphabet[byte % alphabet.length];
    }
  }
  return text;
}
