/**
 * Authorization headers without their signatures: a client sends the same one all day. One that has come with a good
 * signature is kept as what was read of it, so that it is found by its text instead of being read again. Nothing is kept of
 * what a signature was good for: each is verified, with the credential as it is then.
 */
import type { HmacKey } from "../../base/hmac.ts";
import type { Caller } from "../../wire/contract.ts";
import type { Credential, CredentialScope } from "../contract.ts";
import type { SigningKeys } from "./signing-key.ts";

const SIGNATURE = /^[0-9a-f]{64}$/;
const SIGNATURE_LENGTH = 64;
/** As all clients write it. What stands in it is checked by whoever reads it. */
const usual = /^AWS4-HMAC-SHA256 Credential=[\w/.-]+, ?SignedHeaders=[^\s,=]+, ?Signature=$/;
const LONGEST = 1024;

/** What a kept header claims, as `scopeOf` says it. */
export class KnownAuthorization implements CredentialScope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly #text: string;
  readonly #signedHeaders: readonly string[];
  #signing: { readonly secret: string; readonly key: HmacKey } | undefined;
  #caller: { readonly found: Credential; readonly caller: Caller } | undefined;

  constructor(text: string, { accessKeyId, date, region, service }: CredentialScope, signedHeaders: readonly string[]) {
    this.accessKeyId = accessKeyId;
    this.date = date;
    this.region = region;
    this.service = service;
    this.#text = text;
    this.#signedHeaders = signedHeaders;
  }

  /** Undefined for another header than this one with a signature. */
  read(header: string | undefined): { signedHeaders: readonly string[]; signature: string } | undefined {
    if (header?.length !== this.#text.length + SIGNATURE_LENGTH || !header.startsWith(this.#text)) return undefined;
    const signature = header.slice(-SIGNATURE_LENGTH);
    return SIGNATURE.test(signature) ? { signedHeaders: this.#signedHeaders, signature } : undefined;
  }

  /** Looked up once for each secret. */
  signingKey(keys: SigningKeys, secret: string): HmacKey {
    if (this.#signing?.secret !== secret) this.#signing = { secret, key: keys(this, secret) };
    return this.#signing.key;
  }

  /** Made once for each credential. */
  caller(found: Credential, make: () => Caller): Caller {
    if (this.#caller?.found !== found) this.#caller = { found, caller: make() };
    return this.#caller.caller;
  }
}

export interface KnownAuthorizations {
  /** By all but its signature, which alone what it claims does not depend on. */
  find(header: string | undefined): KnownAuthorization | undefined;
  /** For a header whose signature was good. */
  remember(header: string, scope: CredentialScope, signedHeaders: readonly string[]): void;
}

export function createKnownAuthorizations(capacity = 4096): KnownAuthorizations {
  const known = new Map<string, KnownAuthorization>();
  return {
    find(header) {
      if (header === undefined || header.length > LONGEST) return undefined;
      return known.get(header.slice(0, -SIGNATURE_LENGTH));
    },
    remember(header, scope, signedHeaders) {
      const text = header.slice(0, -SIGNATURE_LENGTH);
      if (header.length > LONGEST || !usual.test(text)) return;
      known.set(text, new KnownAuthorization(text, scope, signedHeaders));
      const oldest = known.size > capacity ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
    },
  };
}
