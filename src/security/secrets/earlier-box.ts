/** Secrets as they were sealed before there was a root key: AES-256-GCM under a key in a file that only its owner can read. */
import { hash } from "node:crypto";
import { KilnError } from "../../base/errors.ts";
import { readPrivate } from "../keys/private-file.ts";
import { unwrapWith, wrapWith } from "../keys/wrap.ts";
import type { SecretBox } from "../contract.ts";

const KEY_BYTES = 32;
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
    seal: (secret, purpose) => prefix + wrapWith(key, Buffer.from(secret), Buffer.from(purpose)).toString("base64url"),
    open(sealed, purpose) {
      if (!sealed.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(sealed.slice(prefix.length), "base64url");
      return unwrapWith(key, bytes, Buffer.from(purpose))?.toString("utf8");
    },
  };
}

async function readKey(file: string): Promise<Buffer | undefined> {
  const found = await readPrivate(file, (why, cause) => unusable(file, why, cause));
  if (found === undefined) return undefined;
  const key = Buffer.from(found.text.trim(), "base64");
  if (key.length !== KEY_BYTES) throw unusable(file, `holds no key of ${KEY_BYTES} bytes in Base64`);
  return key;
}

function unusable(file: string, why: string, cause?: unknown): KilnError {
  return new KilnError("SECRET_KEY_UNUSABLE", `The key file ${file} ${why}.`, {
    hint: "Without its key, access keys cannot be read: put the file back from a backup, with mode 0600.",
    ...(cause === undefined ? {} : { cause }),
  });
}
