/**
 * Signing keys are good for one day, region and service of one secret: four HMACs that need not be made for every call.
 * The cache is bounded, and an entry is good only as long as the secret is the same.
 */
import { createHmac } from "node:crypto";
import { HmacKey } from "../../base/hmac.ts";
import type { CredentialScope } from "../contract.ts";

export type SigningKeys = (scope: CredentialScope, secret: string) => HmacKey;

interface Entry {
  readonly secret: string;
  readonly key: HmacKey;
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

function signingKey({ date, region, service }: CredentialScope, secret: string): HmacKey {
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of [date, region, service, "aws4_request"]) key = createHmac("sha256", key).update(part).digest();
  return new HmacKey(key as Buffer);
}
