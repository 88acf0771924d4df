/** What a signed request says of its signature: in the Authorization header, or in the query of a presigned URL. */
import type { IncomingHttpHeaders } from "node:http";
import { queryParameters } from "../../base/http/query.ts";
import type { CredentialScope } from "../contract.ts";
import { incompleteSignature, invalidSignature, missingAuthentication } from "./errors.ts";
import { KnownAuthorization } from "./known.ts";
import { readTime } from "./time.ts";

export const ALGORITHM = "AWS4-HMAC-SHA256";

export interface SignedRequest {
  /** Lower case, sorted, as in the signature. */
  readonly signedHeaders: readonly string[];
  /** Lower-case hex. */
  readonly signature: string;
  /** `YYYYMMDDTHHMMSSZ` */
  readonly time: string;
  /** Seconds; only presigned URLs have it. */
  readonly expires: number | undefined;
  readonly token: string | undefined;
}

/** A week, in seconds: as long as a presigned URL may be good. */
const longestExpiry = 604_800;
const hexSignature = /^[0-9a-f]{64}$/;
const headerNames = /^[a-z0-9!#$%&'*+.^_`|~-]+(;[a-z0-9!#$%&'*+.^_`|~-]+)*$/;

/** Throws ServiceError IncompleteSignatureException, InvalidSignatureException, MissingAuthenticationTokenException. */
export function readSignedRequest(
  headers: IncomingHttpHeaders,
  query: string,
  claimed: CredentialScope | undefined,
): SignedRequest {
  if (claimed === undefined) throw missingAuthentication();
  const signed = fromKnown(headers, claimed) ?? fromHeaderOrQuery(headers, query);
  if (!signed.signedHeaders.includes("host")) {
    throw invalidSignature("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.");
  }
  if (signed.time.slice(0, 8) !== claimed.date) {
    throw invalidSignature(
      "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
        `'${claimed.date}' != '${signed.time.slice(0, 8)}', from '${signed.time}'.`,
    );
  }
  return signed;
}

/** Where the header is one that has been read before, and the time is where clients have it. */
function fromKnown(headers: IncomingHttpHeaders, claimed: CredentialScope): SignedRequest | undefined {
  const { authorization, "x-amz-date": time, "x-amz-security-token": token } = headers;
  if (!(claimed instanceof KnownAuthorization) || time === undefined) return undefined;
  const read = claimed.read(authorization);
  if (read === undefined) return undefined;
  return {
    ...read,
    time: readTime(String(time)),
    expires: undefined,
    token: token === undefined ? undefined : String(token),
  };
}

function fromHeaderOrQuery(headers: IncomingHttpHeaders, query: string): SignedRequest {
  return headers.authorization === undefined ? fromQuery(query) : fromHeader(headers, headers.authorization);
}

function fromHeader(headers: IncomingHttpHeaders, authorization: string): SignedRequest {
  const space = authorization.indexOf(" ");
  checkAlgorithm(authorization.slice(0, space));
  const parameters = new Map<string, string>();
  for (const part of authorization.slice(space + 1).split(",")) {
    const equals = part.indexOf("=");
    if (equals > 0) parameters.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim());
  }
  const { "x-amz-date": amzDate, date, "x-amz-security-token": token } = headers;
  const missing = ["Credential", "Signature", "SignedHeaders"]
    .filter((name) => !parameters.get(name))
    .map((name) => `Authorization header requires '${name}' parameter.`);
  if (amzDate === undefined && date === undefined) {
    missing.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (missing.length > 0) throw incompleteSignature(missing.join(" "));
  const signedHeaders = headerList(parameters.get("SignedHeaders") ?? "");
  if (amzDate === undefined && !signedHeaders.includes("date")) {
    throw invalidSignature("'Date' must be a 'SignedHeader' in the AWS Authorization.");
  }
  return {
    signedHeaders,
    signature: signatureText(parameters.get("Signature") ?? ""),
    time: readTime(String(amzDate ?? date)),
    expires: undefined,
    token: token === undefined ? undefined : String(token),
  };
}

function fromQuery(query: string): SignedRequest {
  const parameters = queryParameters(query);
  checkAlgorithm(parameters.get("X-Amz-Algorithm") ?? "");
  const missing = ["X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date", "X-Amz-Expires"]
    .filter((name) => !parameters.get(name))
    .map((name) => `AWS query-string parameters must include '${name}'.`);
  if (missing.length > 0) throw incompleteSignature(`${missing.join(" ")} Re-examine the query-string parameters.`);
  const expires = Number(parameters.get("X-Amz-Expires"));
  if (!Number.isInteger(expires) || expires < 1 || expires > longestExpiry) {
    throw incompleteSignature(`X-Amz-Expires must be a number of seconds from 1 to ${longestExpiry}.`);
  }
  return {
    signedHeaders: headerList(parameters.get("X-Amz-SignedHeaders") ?? ""),
    signature: signatureText(parameters.get("X-Amz-Signature") ?? ""),
    time: readTime(parameters.get("X-Amz-Date") ?? ""),
    expires,
    token: parameters.get("X-Amz-Security-Token") ?? undefined,
  };
}

function checkAlgorithm(algorithm: string): void {
  if (algorithm === ALGORITHM) return;
  if (algorithm.startsWith("AWS4-ECDSA-")) {
    throw incompleteSignature(`SigV4A (AWS4-ECDSA-P256-SHA256) is not supported here. Sign with ${ALGORITHM}.`);
  }
  throw incompleteSignature(`Unsupported AWS 'algorithm': '${algorithm.slice(0, 64)}'.`);
}

/** More names than any client signs would only cost time. */
const mostHeaders = 100;

function headerList(text: string): string[] {
  const names = text.split(";", mostHeaders + 1);
  const sorted = names.every((name, i) => i === 0 || (names[i - 1] ?? "") < name);
  if (!headerNames.test(text) || names.length > mostHeaders || !sorted) {
    throw incompleteSignature("'SignedHeaders' must be a sorted list of lower-case header names.");
  }
  return names;
}

function signatureText(text: string): string {
  if (!hexSignature.test(text)) throw incompleteSignature("'Signature' must be 64 lower-case hexadecimal digits.");
  return text;
}
