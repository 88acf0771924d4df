/**
 * Zips that are encrypted with a key of their own, beneath what the store does: AES-256-GCM. A key is for one zip, so nothing
 * else has to go along with it.
 *
 *     nonce (12 bytes) | ciphertext | tag (16)
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { KilnError } from "../base/errors.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `key`: 32 bytes that no other zip has. */
export function sealZip(zip: Uint8Array, key: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  return Buffer.concat([nonce, cipher.update(zip), cipher.final(), cipher.getAuthTag()]);
}

/** Throws KilnError ARTIFACT_DAMAGED for what was not sealed with this key, or was changed. */
export function openZip(sealed: Uint8Array, key: Uint8Array): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  try {
    const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch (error) {
    throw new KilnError("ARTIFACT_DAMAGED", "A stored zip does not open with its key.", {
      hint: "Update the function's code, or restore the state directory from a backup.",
      cause: error,
    });
  }
}
