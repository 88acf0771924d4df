/**
 * AES-256-GCM under a key in a file that only its owner can read. The key may lie elsewhere than what it seals: whoever
 * gets the one without the other has nothing.
 */
import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asideName, makeDirectory, writeDurably } from "../../base/durable-file.ts";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { SecretBox } from "../contract.ts";

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = "v1";

/** Reads the key from the file, which is made when it is not there. Throws KilnError SECRET_KEY_UNUSABLE. */
export async function openSecretBox(file: string): Promise<SecretBox> {
  return secretBox((await readKey(file)) ?? (await makeKey(file)));
}

/** `v1.NAME.BYTES`: the name tells which key it was, so that a wrong one is known from a changed text. */
export function secretBox(key: Buffer): SecretBox {
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

async function makeKey(file: string): Promise<Buffer> {
  const key = randomBytes(KEY_BYTES);
  await makeDirectory(dirname(file));
  await writeDurably(
    join(dirname(file), `.${asideName()}`),
    async (handle) => void (await handle.write(`${key.toString("base64")}\n`)),
    () => file,
  );
  return key;
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("SECRET_KEY_UNUSABLE", `The key file ${file} ${why}.`, {
    hint: "Without its key, access keys cannot be read: put the file back from a backup, with mode 0600.",
    ...(cause === undefined ? {} : { cause }),
  });
}
