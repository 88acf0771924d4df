/**
 * Signing keys are good for one day, region and service of one secret: four HMACs that need not be made for every call.
 * The cache is bounded, and an entry is good only as long as the secret is the same.
 */
import { createHmac, createSecretKey, type KeyObject } from "node:crypto";
import type { CredentialScope } from "../contract.ts";

export type SigningKeys = (scope: CredentialScope, secret: string) => KeyObject;

interface Entry {
  readonly secret: string;
  readonly key: KeyObject;
}

export function createSigningKeys(capacity = 4096): SigningKeys {
  const entries = new Map<string, Entry>();
  return (scope, secret) => {
    const name = `${scope.accessKeyId}/${scope.date}/${scope.region}/${scope.service}`;
    const known = entries.get(name);
    if (known?.secret === secret) {
      entries.delete(name);
      entries.set(name, known);
      return known.key;
    }
    const key = signingKey(scope, secret);
    entries.delete(name);
    entries.set(name, { secret, key });
    if (entries.size > capacity) {
      const [oldest] = entries.keys();
      if (oldest !== undefined) entries.delete(oldest);
    }
    return key;
  };
}

/** As a key object, which OpenSSL does not have to be given anew for every call. */
function signingKey({ date, region, service }: CredentialScope, secret: string): KeyObject {
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of [date, region, service, "aws4_request"]) key = createHmac("sha256", key).update(part).digest();
  return createSecretKey(key as Buffer);
}

/** Of the text to sign, in lower-case hex. */
export function signatureOf(key: KeyObject, text: string): string {
  return createHmac("sha256", key).update(text, "utf8").digest("hex");
}
