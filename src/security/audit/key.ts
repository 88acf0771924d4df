/**
 * The key of the audit: RSA, made at the first start, in a file that only its owner can read. It signs the digest files of
 * trails, as CloudTrail's keys do, and the key of the log's chain comes from it: whoever cannot read this file can neither
 * alter a record nor make one up.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  hkdfSync,
  sign,
  type KeyObject,
} from "node:crypto";
import { rm, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { asideName, makeDirectory, replaceDurably } from "../../base/durable-file.ts";
import { KilnError } from "../../base/errors.ts";
import { readPrivate } from "../keys/private-file.ts";

const BITS = 2048;

export interface AuditKey {
  /** Of the chain's HMAC. */
  readonly chain: Buffer;
  /** RSAPublicKey of PKCS #1 in DER, as CloudTrail's ListPublicKeys gives it. */
  readonly publicKey: Buffer;
  /** MD5 of the public key in hex: a name for it. */
  readonly fingerprint: string;
  /** RSASSA-PKCS1-v1_5 with SHA-256. */
  sign(text: string): Buffer;
  /** When its file was written; ms since the epoch. */
  readonly since: number;
  /** The file was not there. */
  readonly isNew: boolean;
}

/** Reads the key. Undefined when there is no such file. Throws KilnError AUDIT_KEY_UNUSABLE. */
export async function readAuditKey(file: string): Promise<AuditKey | undefined> {
  const found = await readPrivate(file, (why, cause) => unusable(file, why, cause));
  if (found === undefined) return undefined;
  try {
    return auditKey(createPrivateKey(found.text), found.writtenAt, false);
  } catch (cause) {
    throw unusable(file, "holds no private key in PEM", cause);
  }
}

/**
 * Reads the key, and makes it at the first start. `earlier`: where it may lie from before it had a place outside of the state
 * directory; it moves from there. Throws KilnError AUDIT_KEY_UNUSABLE.
 */
export async function openAuditKey(file: string, earlier?: string): Promise<AuditKey> {
  const found = (await readAuditKey(file)) ?? (await moved(file, earlier));
  if (found !== undefined) return found;
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: BITS });
  await writePem(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString());
  return auditKey(privateKey, Date.now(), true);
}

/** A kill in between leaves it in both places: then the new one counts, and the earlier one is an operator's to remove. */
async function moved(file: string, earlier: string | undefined): Promise<AuditKey | undefined> {
  const found =
    earlier === undefined ? undefined : await readPrivate(earlier, (why, cause) => unusable(earlier, why, cause));
  if (earlier === undefined || found === undefined) return undefined;
  await writePem(file, found.text);
  // Digest files name the time from which the key signs.
  await utimes(file, new Date(found.writtenAt), new Date(found.writtenAt));
  await rm(earlier);
  return readAuditKey(file);
}

async function writePem(file: string, pem: string): Promise<void> {
  const folder = dirname(file);
  try {
    await makeDirectory(folder);
    await replaceDurably(join(folder, `.${asideName()}`), file, pem);
  } catch (cause) {
    throw new KilnError("AUDIT_KEY_UNUSABLE", `The key file of the audit ${file} cannot be written.`, {
      hint: "Name another place, outside of the state directory, with KILN_AUDIT_KEY_FILE.",
      cause,
    });
  }
}

export function fingerprintOf(publicKey: Buffer): string {
  return createHash("md5").update(publicKey).digest("hex");
}

function auditKey(key: KeyObject, since: number, isNew: boolean): AuditKey {
  if (key.asymmetricKeyType !== "rsa") throw new TypeError(`an ${key.asymmetricKeyType} key`);
  const secret = key.export({ type: "pkcs1", format: "der" });
  const publicKey = createPublicKey(key).export({ type: "pkcs1", format: "der" });
  return {
    chain: Buffer.from(hkdfSync("sha256", secret, "", "kiln audit chain", 32)),
    publicKey,
    fingerprint: fingerprintOf(publicKey),
    sign: (text) => sign("sha256", Buffer.from(text), key),
    since,
    isNew,
  };
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("AUDIT_KEY_UNUSABLE", `The key file of the audit ${file} ${why}.`, {
    hint: "Without it no record can be verified: put the file back from a backup, with mode 0600.",
    ...(cause === undefined ? {} : { cause }),
  });
}
