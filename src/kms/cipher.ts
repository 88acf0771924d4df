/**
 * Ciphertexts of KMS: they name their key, and open for whoever may use it and knows the encryption context.
 *
 *     1 | key id (16 bytes) | generation (16) | salt (16) | nonce (12) | ciphertext | tag (16)
 *
 * AES-256-GCM under a key derived from the generation and the salt; the head, the key's ARN and the encryption context are
 * authenticated with it.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { Scope } from "../base/scope.ts";
import type { Decrypted, Encrypted, EncryptionContext } from "./contract.ts";
import { findKey, type KmsDomain, requireEnabled } from "./domain.ts";
import { incorrectKey, invalidCiphertext, noSuchKeyOfCiphertext } from "./errors.ts";
import { keyArn } from "./names.ts";
import { current } from "./rotation.ts";

const ALGORITHM = "aes-256-gcm";
const FORMAT = 1;
const ID_BYTES = 16;
const SALT_AT = 1 + 2 * ID_BYTES;
const NONCE_AT = SALT_AT + 16;
const HEAD_BYTES = NONCE_AT + 12;
const TAG_BYTES = 16;

export async function encrypt(
  domain: KmsDomain,
  scope: Scope,
  keyId: string,
  clear: Uint8Array,
  context: EncryptionContext,
): Promise<Encrypted> {
  const { arn, key } = await current(domain, scope, keyId);
  const material = key.materials.at(-1);
  if (material === undefined) throw incorrectKey();
  const head = Buffer.concat([
    Buffer.of(FORMAT),
    Buffer.from(key.id.replaceAll("-", ""), "hex"),
    Buffer.from(material.id, "hex").subarray(0, ID_BYTES),
    randomBytes(HEAD_BYTES - SALT_AT),
  ]);
  const cipher = createCipheriv(ALGORITHM, derived(material.secret, head), head.subarray(NONCE_AT));
  cipher.setAAD(associated(head, arn, context));
  const blob = Buffer.concat([head, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
  return { blob, arn, materialId: material.id };
}

/** In the form of a UUID; undefined for what is no ciphertext of this format. */
export function keyOf(blob: Uint8Array): string | undefined {
  if (blob.length < HEAD_BYTES + TAG_BYTES || blob[0] !== FORMAT) return undefined;
  const hex = Buffer.from(blob.subarray(1, 1 + ID_BYTES)).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export async function decrypt(
  domain: KmsDomain,
  scope: Scope,
  blob: Uint8Array,
  context: EncryptionContext,
  keyId?: string,
): Promise<Decrypted> {
  const named = keyOf(blob);
  if (named === undefined) throw invalidCiphertext();
  const found = keyId === undefined ? await ofCiphertext(domain, scope, named) : await findKey(domain, scope, keyId);
  if (found.key.id !== named) throw incorrectKey();
  requireEnabled(found);
  const bytes = Buffer.from(blob);
  const head = bytes.subarray(0, HEAD_BYTES);
  const generation = head.toString("hex", 1 + ID_BYTES, SALT_AT);
  const material = found.key.materials.find(({ id }) => id.startsWith(generation));
  if (material === undefined) throw invalidCiphertext();
  const decipher = createDecipheriv(ALGORITHM, derived(material.secret, head), head.subarray(NONCE_AT), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(associated(head, found.arn, context)).setAuthTag(bytes.subarray(-TAG_BYTES));
  const clear = decipher.update(bytes.subarray(HEAD_BYTES, -TAG_BYTES));
  try {
    decipher.final();
  } catch {
    // Another context or another text: AWS does not say which.
    throw invalidCiphertext();
  }
  return { clear, arn: found.arn, materialId: material.id };
}

async function ofCiphertext(domain: KmsDomain, scope: Scope, id: string): ReturnType<typeof findKey> {
  try {
    return await findKey(domain, scope, keyArn(scope, id));
  } catch (error) {
    if ((error as { code?: unknown }).code === "NotFoundException") throw noSuchKeyOfCiphertext();
    throw error;
  }
}

function derived(secret: string, head: Buffer): Buffer {
  const salt = head.subarray(SALT_AT, NONCE_AT);
  return Buffer.from(hkdfSync("sha256", Buffer.from(secret, "base64"), salt, "kiln kms 1", 32));
}

function associated(head: Buffer, arn: string, context: EncryptionContext): Buffer {
  const pairs = Object.entries(context).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.concat([head, Buffer.from(JSON.stringify([arn, pairs]))]);
}
