/**
 * Signing keys are good for one day, region and service of one secret: four HMACs that need not be made for every call.
 * The cache is bounded, and an entry is good only as long as the secret is the same.
 */
import { createHmac, hash } from "node:crypto";
import type { CredentialScope } from "../contract.ts";

export type SigningKeys = (scope: CredentialScope, secret: string) => SigningKey;

interface Entry {
  readonly secret: string;
  readonly key: SigningKey;
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

function signingKey({ date, region, service }: CredentialScope, secret: string): SigningKey {
  let key: string | Buffer = `AWS4${secret}`;
  for (const part of [date, region, service, "aws4_request"]) key = createHmac("sha256", key).update(part).digest();
  return new SigningKey(key as Buffer);
}

const BLOCK = 64;
const DIGEST = 32;
/** Longer than any text that is signed: time, scope and a hash. */
const LONGEST = 512;
const inner = Buffer.alloc(BLOCK + LONGEST);
const outer = Buffer.alloc(BLOCK + DIGEST);

/**
 * HMAC-SHA256 (RFC 2104) as the two hashes that it is: `createHmac` makes an object of OpenSSL's for each text, which costs
 * more than both hashes, and more once it is collected.
 */
export class SigningKey {
  readonly #inner = Buffer.alloc(BLOCK, 0x36);
  readonly #outer = Buffer.alloc(BLOCK, 0x5c);

  /** @param key At most 64 bytes. */
  constructor(key: Uint8Array) {
    if (key.length > BLOCK) throw new TypeError(`a signing key of ${key.length} bytes`);
    key.forEach((byte, index) => {
      this.#inner[index] = byte ^ 0x36;
      this.#outer[index] = byte ^ 0x5c;
    });
  }

  /** In lower-case hex. */
  sign(text: string): string {
    const length = Buffer.byteLength(text);
    const message = length > LONGEST ? Buffer.alloc(BLOCK + length) : inner;
    message.set(this.#inner);
    message.write(text, BLOCK, "utf8");
    outer.set(this.#outer);
    outer.write(hash("sha256", message.subarray(0, BLOCK + length), "binary"), BLOCK, "latin1");
    return hash("sha256", outer, "hex");
  }
}
