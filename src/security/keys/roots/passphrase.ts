/**
 * Passphrases of a file, a line each: the first one wraps, all of them unwrap, so that a new one can be put before the old.
 * Keys are derived by scrypt (RFC 7914), with a salt of their own for every key that is wrapped.
 */
import { hash, randomBytes, scrypt } from "node:crypto";
import { KilnError } from "../../../base/errors.ts";
import { readPrivate } from "../private-file.ts";
import type { OuterRoot } from "./contract.ts";
import { unwrapWith, wrapWith } from "../wrap.ts";

/** 128 MiB and about half a second: what a guess costs, too. */
const COST = { N: 2 ** 17, r: 8, p: 1 };
const SHORTEST = 12;
const SALT_BYTES = 16;

/** `scrypt:17:SALT` in Base64url */
const named = /^scrypt:17:([\w-]{22})$/;

/** Throws KilnError PASSPHRASE_UNUSABLE. */
export async function passphraseRoot(file: string): Promise<OuterRoot> {
  const passphrases = await readPassphrases(file);
  // The data keys of a ring are few, and share a derivation where they were wrapped together.
  const derived = new Map<string, Promise<Buffer>>();
  const keyOf = (passphrase: string, salt: string): Promise<Buffer> => {
    const name = hash("sha256", `${salt} ${passphrase}`, "hex");
    const known = derived.get(name) ?? derive(passphrase, salt);
    derived.set(name, known);
    return known;
  };
  const salt = randomBytes(SALT_BYTES).toString("base64url");
  return {
    name: `the passphrase in ${file}`,
    knows: (root) => named.test(root),
    async wrap(key, context) {
      const root = await keyOf(passphrases[0] ?? "", salt);
      return { root: `scrypt:17:${salt}`, wrapped: wrapWith(root, key, context).toString("base64") };
    },
    async unwrap({ root, wrapped }, context) {
      const [, ofKey = ""] = named.exec(root) ?? [];
      for (const passphrase of passphrases) {
        const key = unwrapWith(await keyOf(passphrase, ofKey), Buffer.from(wrapped, "base64"), context);
        if (key !== undefined) return key;
      }
      throw new KilnError("ROOT_REFUSED", `No passphrase in ${file} opens the keys of this state directory.`, {
        hint: "Put the right one into the file: the first line wraps new keys, the others open old ones.",
      });
    },
  };
}

function derive(passphrase: string, salt: string): Promise<Buffer> {
  const options = { ...COST, maxmem: 256 * COST.N * COST.r };
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), Buffer.from(salt, "base64url"), 32, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

async function readPassphrases(file: string): Promise<string[]> {
  const found = await readPrivate(file, (why, cause) => unusable(file, why, cause));
  if (found === undefined) throw unusable(file, "is not there");
  const lines = found.text.split(/\r?\n/).filter((line) => line !== "");
  if (lines.length === 0) throw unusable(file, "is empty");
  if (lines.some((line) => line.length < SHORTEST)) {
    throw unusable(file, `has a passphrase of less than ${SHORTEST} characters`);
  }
  return lines;
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("PASSPHRASE_UNUSABLE", `The file of the passphrase ${file} ${why}.`, {
    hint: "KILN_KEY_PASSPHRASE_FILE names a file of mode 0600 with the passphrase as its first line.",
    ...(cause === undefined ? {} : { cause }),
  });
}
