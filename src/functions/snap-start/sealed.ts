/**
 * Snapshots under a key of the user's (`KMSKeyArn`), beneath what the store does: AES-256-GCM in one stream, with a data key for
 * each snapshot.
 *
 *     nonce (12 bytes) | ciphertext | tag (16)
 *
 * That nothing was changed, the store has found out before a piece comes here.
 * https://docs.aws.amazon.com/lambda/latest/dg/snapstart-security.html
 */
import { createCipheriv, createDecipheriv, randomBytes, type DecipherGCM } from "node:crypto";
import { KilnError } from "../../base/errors.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `key`: 32 bytes that no other snapshot has. */
export async function* sealSnapshot(clear: AsyncIterable<Uint8Array>, key: Uint8Array): AsyncGenerator<Buffer> {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce);
  yield nonce;
  for await (const piece of clear) yield cipher.update(piece);
  yield Buffer.concat([cipher.final(), cipher.getAuthTag()]);
}

/** Throws KilnError SNAPSHOT_DAMAGED at the end of what was not sealed with this key. */
export async function* openSnapshot(sealed: AsyncIterable<Uint8Array>, key: Uint8Array): AsyncGenerator<Buffer> {
  let decipher: DecipherGCM | undefined;
  // The last bytes may be the tag's: they wait until more have come.
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of sealed) {
    rest = Buffer.concat([rest, piece]);
    if (decipher === undefined && rest.length >= NONCE_BYTES) {
      decipher = createDecipheriv(ALGORITHM, key, rest.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      rest = rest.subarray(NONCE_BYTES);
    }
    if (decipher === undefined || rest.length <= TAG_BYTES) continue;
    yield decipher.update(rest.subarray(0, -TAG_BYTES));
    rest = rest.subarray(-TAG_BYTES);
  }
  try {
    if (decipher === undefined) throw new RangeError("it is too short");
    decipher.setAuthTag(rest);
    decipher.final();
  } catch (error) {
    throw new KilnError("SNAPSHOT_DAMAGED", "A stored snapshot does not open with its key.", { cause: error });
  }
}
