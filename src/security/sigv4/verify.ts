/**
 * `--auth on`: who calls is whoever can sign. What can be checked without the body is checked before a byte of it is
 * read; where the client has signed the hash of its body, that is the whole signature.
 */
import { hash, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../base/clock.ts";
import type { Caller } from "../../wire/contract.ts";
import type {
  Authentication,
  Authenticator,
  Credential,
  CredentialScope,
  CredentialSource,
  RequestHead,
} from "../contract.ts";
import { canonicalHash, canonicalRequest, isNormalPath, stringToSign } from "./canonical.ts";
import { shortCanonicalRequest } from "./canonical-short.ts";
import { scopeOf } from "./credential.ts";
import { expiredToken, invalidSignature, signatureMismatch, unrecognizedClient } from "./errors.ts";
import { createKnownAuthorizations, KnownAuthorization } from "./known.ts";
import { ALGORITHM, readSignedRequest, type SignedRequest } from "./signed-request.ts";
import { createSigningKeys } from "./signing-key.ts";
import { checkTime } from "./time.ts";

export interface SigV4Options {
  readonly credentials: CredentialSource;
  readonly clock: Clock;
  /** Of callers that sign nothing. */
  readonly region: string;
}

export function createSigV4Authenticator({ credentials, clock, region }: SigV4Options): Authenticator {
  const keys = createSigningKeys();
  const known = createKnownAuthorizations();

  function expectedSignature(
    head: RequestHead,
    scope: CredentialScope,
    signed: SignedRequest,
    secret: string,
    payloadHash: string,
  ): string {
    const text = stringToSign(ALGORITHM, signed.time, scopeText(scope), requestHash(head, signed, payloadHash));
    const key = scope instanceof KnownAuthorization ? scope.signingKey(keys, secret) : keys(scope, secret);
    return key.sign(text, "hex");
  }

  function authenticated(
    head: RequestHead,
    scope: CredentialScope,
    signed: SignedRequest,
    found: Credential | undefined,
  ): Authentication {
    if (found === undefined) throw unrecognizedClient(scope.accessKeyId);
    if (found.expiresAt !== undefined && found.expiresAt <= clock()) throw expiredToken();

    const verify = (payloadHash: string): void => {
      const expected = expectedSignature(head, scope, signed, found.secretAccessKey, payloadHash);
      if (!sameSignature(expected, signed.signature)) throw signatureMismatch();
    };
    const declared = declaredHash(head);
    if (declared !== undefined) verify(declared);
    return (body) => {
      const actual = hash("sha256", body, "hex");
      if (declared === undefined) verify(actual);
      else if (declared !== actual) throw signatureMismatch();
      if (scope instanceof KnownAuthorization) return scope.caller(found, () => callerOf(found, scope));
      const { authorization } = head.headers;
      if (authorization !== undefined) known.remember(authorization, scope, signed.signedHeaders);
      return callerOf(found, scope);
    };
  }

  return {
    scopeOf: (headers, query) => known.find(headers.authorization) ?? scopeOf(headers, query),
    authenticate(head, claimed, service) {
      const signed = readSignedRequest(head.headers, head.query, claimed);
      const scope = claimed as CredentialScope;
      checkTime(signed.time, signed.expires, clock());
      if (scope.service !== service) {
        throw invalidSignature(`Credential should be scoped to correct service: '${service}'.`);
      }
      checkHeaders(head, signed);
      const found = credentials.find(scope.accessKeyId, signed.token);
      return found instanceof Promise
        ? found.then((credential) => authenticated(head, scope, signed, credential))
        : authenticated(head, scope, signed, found);
    },
    anonymous: () => ({ kind: "anonymous", userId: "", accessKeyId: "", account: "", arn: "", region }),
  };
}

function callerOf({ principal, access }: Credential, { accessKeyId, region }: CredentialScope): Caller {
  return { ...principal, access, accessKeyId, region };
}

/** Of the canonical request. The short form of it is ASCII, so that its characters are its bytes. */
function requestHash(head: RequestHead, { signedHeaders, expires }: SignedRequest, payloadHash: string): string {
  const short = expires === undefined ? shortCanonicalRequest(head, signedHeaders, payloadHash) : undefined;
  if (short !== undefined) return hash("sha256", short, "hex");
  const without = expires === undefined ? undefined : "X-Amz-Signature";
  return canonicalHash(canonicalRequest(head, signedHeaders, payloadHash, without));
}

function scopeText({ date, region, service }: CredentialScope): string {
  return `${date}/${region}/${service}/aws4_request`;
}

/**
 * The hash that the client has put into its signature. Payloads that are not signed, or signed chunk by chunk, are S3's:
 * no service here takes them.
 */
function declaredHash({ headers }: RequestHead): string | undefined {
  const declared = headers["x-amz-content-sha256"];
  if (declared === undefined) return undefined;
  if (typeof declared === "string" && /^[0-9a-f]{64}$/.test(declared)) return declared;
  throw invalidSignature(
    "The value of x-amz-content-sha256 must be the SHA-256 hash of the payload: unsigned and streaming payloads are not " +
      "supported.",
  );
}

/** Added underway, or proven by being known: these may be there without being signed. */
const unsignedAllowed = new Set(["x-amz-security-token", "x-amz-user-agent", "x-amz-cf-id"]);

/**
 * Whoever passes a request on could add what steers an operation (X-Amz-Invocation-Type, X-Amz-Target, …) or turn its path
 * into another one of the same canonical form: both are refused.
 */
function checkHeaders(head: RequestHead, signed: SignedRequest): void {
  if (!isNormalPath(head.path)) throw signatureMismatch();
  for (const name in head.headers) {
    if (!name.startsWith("x-amz-") || signed.signedHeaders.includes(name) || unsignedAllowed.has(name)) continue;
    throw invalidSignature("There were headers present in the request which were not signed");
  }
}

const SIGNATURE_LENGTH = 64;
const one = Buffer.alloc(SIGNATURE_LENGTH);
const other = Buffer.alloc(SIGNATURE_LENGTH);

/** Both of 64 hexadecimal digits, as whoever reads a signature has checked. In a time that does not tell where they differ. */
function sameSignature(a: string, b: string): boolean {
  if (a.length !== SIGNATURE_LENGTH || b.length !== SIGNATURE_LENGTH) return false;
  one.write(a, "latin1");
  other.write(b, "latin1");
  return timingSafeEqual(one, other);
}
