/** Secrets as they were sealed before there was a root key: AES-256-GCM under a key in a file that only its owner can read. */
import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { SecretBox } from "../contract.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = "v1";

/** Undefined when there is no such file. Throws KilnError SECRET_KEY_UNUSABLE. */
export async function earlierSecretBox(file: string): Promise<SecretBox | undefined> {
  const key = await readKey(file);
  return key && boxOf(key);
}

/** `v1.NAME.BYTES`: the name tells which key it was, so that a wrong one is known from a changed text. */
function boxOf(key: Buffer): SecretBox {
  const name = hash("sha256", key, "hex").slice(0, 8);
  const prefix = `${FORM}.${name}.`;
  return {
    seal(secret, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(purpose));
      const bytes = [nonce, cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()];
      return prefix + Buffer.concat(bytes).toString("base64url");
    },
    open(sealed, purpose) {
      if (!sealed.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(sealed.slice(prefix.length), "base64url");
      if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      })
        .setAAD(Buffer.from(purpose))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES), undefined, "utf8") + decipher.final("utf8");
      } catch {
        // The tag does not fit: that is what `undefined` tells.
        return undefined;
      }
    },
  };
}

async function readKey(file: string): Promise<Buffer | undefined> {
  let handle;
  try {
    handle = await open(file, "r");
  } catch (cause) {
    if (systemCode(cause) === "ENOENT") return undefined;
    throw unusable(file, "cannot be read", cause);
  }
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) throw unusable(file, "can be read by others than its owner");
    const key = Buffer.from((await readFile(handle, "utf8")).trim(), "base64");
    if (key.length !== KEY_BYTES) throw unusable(file, `holds no key of ${KEY_BYTES} bytes in Base64`);
    return key;
  } finally {
    await handle.close();
  }
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("SECRET_KEY_UNUSABLE", `The key file ${file} ${why}.`, {
    hint: "Without its key, access keys cannot be read: put the file back from a backup, with mode 0600.",
    ...(cause === undefined ? {} : { cause }),
  });
}
