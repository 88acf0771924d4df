/**
 * Accounts that are bound to one that the CA knows already (external account binding, RFC 8555, 7.3.4): the key of the new
 * account, signed with a key that the CA has handed out.
 */
import { FlattenedSign, type FlattenedJWS } from "jose";
import { KilnError } from "../../../base/errors.ts";
import { readPrivate } from "../../keys/private-file.ts";

export interface Binding {
  readonly keyId: string;
  readonly macKey: Uint8Array;
}

/** Bytes: a key of nothing is a mistake. */
const LEAST = 16;

/** The key's id in the first line of a file of mode 0600, the key in Base64url in the second. Throws KilnError ACME_BINDING_UNUSABLE. */
export async function readBinding(file: string): Promise<Binding> {
  const unusable = (why: string, cause?: unknown): KilnError =>
    new KilnError("ACME_BINDING_UNUSABLE", `${file} ${why}.`, {
      hint: "KILN_ACME_EAB_FILE: a file of mode 0600 with the key id and, in the second line, the HMAC key that the CA gives out.",
      cause,
    });
  const found = await readPrivate(file, unusable);
  if (found === undefined) throw unusable("is not there");
  const [keyId = "", key = ""] = found.text.split("\n").map((line) => line.trim());
  const text = key.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  const macKey = Buffer.from(text, "base64url");
  if (keyId === "" || !/^[A-Za-z0-9_-]+$/.test(text) || macKey.length < LEAST) {
    throw unusable("has no key id and key");
  }
  return { keyId, macKey };
}

export function boundAccount(
  { keyId, macKey }: Binding,
  newAccount: string,
  jwk: Record<string, string>,
): Promise<FlattenedJWS> {
  return new FlattenedSign(Buffer.from(JSON.stringify(jwk)))
    .setProtectedHeader({ alg: "HS256", kid: keyId, url: newAccount })
    .sign(macKey);
}
