import { randomBytes } from "node:crypto";
import { StoreConflict, type Documents } from "../store/contract.ts";

const KIND = "secret";
const KEY = "code-download";
const BYTES = 32;

/** The secret that signs presigned URLs: made once per store, the same for everyone who uses it. */
export async function signingSecret(documents: Documents): Promise<Uint8Array> {
  const stored = await documents.get<string>(KIND, KEY);
  if (stored) return Buffer.from(stored.value, "base64");
  const secret = randomBytes(BYTES);
  try {
    await documents.create(KIND, KEY, secret.toString("base64"));
    return secret;
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    return signingSecret(documents);
  }
}
