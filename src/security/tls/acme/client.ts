/**
 * Requests to an ACME server (RFC 8555): every one a JWS with the key of the account, a nonce of the server and the address
 * that it is for.
 */
import type { KeyObject } from "node:crypto";
import { calculateJwkThumbprint, exportJWK, FlattenedSign } from "jose";
import { KilnError, messageOf } from "../../../base/errors.ts";
import { boundAccount, type Binding } from "./binding.ts";

export interface Directory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly meta?: { readonly externalAccountRequired?: boolean };
}

export interface AcmeAnswer {
  readonly body: Record<string, unknown>;
  readonly text: string;
  /** Of what was made; empty without one. */
  readonly location: string;
  /** ms that the server asks to wait. */
  readonly retryAfterMs: number | undefined;
}

export interface AcmeClient {
  readonly directory: Directory;
  readonly signal: AbortSignal;
  /** A token's key authorization (RFC 8555, 8.1). */
  authorizationOf(token: string): string;
  /** `payload` undefined: POST-as-GET. Throws KilnError ACME_FAILED with what the server says. */
  post(url: string, payload?: Record<string, unknown>): Promise<AcmeAnswer>;
}

export interface AcmeAccount {
  readonly directoryUrl: string;
  /** P-256. */
  readonly key: KeyObject;
  /** Whom the server may write to; empty: nobody. */
  readonly email: string;
  /** Asked for when the account is made, and not afterwards: some CAs give bindings out for one use. */
  readonly binding?: (() => Promise<Binding>) | undefined;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
}

/** ms */
const REQUEST_MS = 30_000;
/** A chain of certificates is a few KB. */
const MAX_BYTES = 256 * 1024;
const NONCE_ATTEMPTS = 10;
const ERROR = "urn:ietf:params:acme:error:";

/** With the account, which is made where it is not there. By using this its holder agrees to the server's terms. */
export async function openAcme({ directoryUrl, key, email, binding, signal }: AcmeAccount): Promise<AcmeClient> {
  const jwk = await exportJWK(key);
  const { kty, crv, x, y } = jwk;
  const publicJwk = { kty, crv, x, y } as { kty: string; crv: string; x: string; y: string };
  const thumbprint = await calculateJwkThumbprint(publicJwk);
  const { body } = await request(directoryUrl, { method: "GET", signal });
  const directory = body as unknown as Directory;
  if (!isAddress(directory.newNonce) || !isAddress(directory.newAccount) || !isAddress(directory.newOrder)) {
    throw failed(`${directoryUrl} is not the directory of an ACME server`);
  }
  const known: { kid?: string } = {};
  let nonce: string | undefined;

  async function exchange(url: string, payload: Record<string, unknown> | undefined): Promise<Received> {
    for (let attempt = 1; ; attempt += 1) {
      nonce ??= (await request(directory.newNonce, { method: "HEAD", signal })).nonce;
      const signed = new FlattenedSign(Buffer.from(payload === undefined ? "" : JSON.stringify(payload)));
      const header = {
        alg: "ES256",
        url,
        nonce: nonce ?? "",
        ...(known.kid === undefined ? { jwk: publicJwk } : known),
      };
      nonce = undefined;
      const answer = await request(url, {
        method: "POST",
        signal,
        headers: { "content-type": "application/jose+json" },
        body: JSON.stringify(await signed.setProtectedHeader(header).sign(key)),
      });
      nonce = answer.nonce;
      const stale = answer.body["type"] === `${ERROR}badNonce`;
      if (answer.status < 400 || !stale || attempt === NONCE_ATTEMPTS) return answer;
    }
  }

  async function send(url: string, payload?: Record<string, unknown>): Promise<AcmeAnswer> {
    const answer = await exchange(url, payload);
    if (answer.status >= 400) throw failed(problemOf(answer.body, answer.status));
    return answer;
  }

  /** Undefined when there is none yet. */
  async function existingAccount(): Promise<AcmeAnswer | undefined> {
    const answer = await exchange(directory.newAccount, { onlyReturnExisting: true });
    if (answer.body["type"] === `${ERROR}accountDoesNotExist`) return undefined;
    if (answer.status >= 400) throw failed(problemOf(answer.body, answer.status));
    return answer;
  }

  async function account(): Promise<AcmeAnswer> {
    const required = directory.meta?.externalAccountRequired === true;
    const existing = required || binding !== undefined ? await existingAccount() : undefined;
    if (existing !== undefined) return existing;
    if (required && binding === undefined) {
      throw failed(`${directoryUrl} takes bound accounts only, and KILN_ACME_EAB_FILE is not set`);
    }
    return send(directory.newAccount, {
      termsOfServiceAgreed: true,
      ...(email === "" ? {} : { contact: [`mailto:${email}`] }),
      ...(binding && { externalAccountBinding: await boundAccount(await binding(), directory.newAccount, publicJwk) }),
    });
  }

  known.kid = (await account()).location;
  return { directory, signal, authorizationOf: (token) => `${token}.${thumbprint}`, post: send };
}

interface Received extends AcmeAnswer {
  readonly status: number;
  readonly nonce: string | undefined;
}

async function request(url: string, init: RequestInit & { signal: AbortSignal }): Promise<Received> {
  try {
    const signal = AbortSignal.any([init.signal, AbortSignal.timeout(REQUEST_MS)]);
    const response = await fetch(url, { ...init, redirect: "error", signal });
    const text = await bounded(response);
    const json = /json/.test(response.headers.get("content-type") ?? "");
    const retryAfter = Number(response.headers.get("retry-after") ?? Number.NaN);
    return {
      status: response.status,
      text,
      body: json && text !== "" ? (JSON.parse(text) as Record<string, unknown>) : {},
      location: response.headers.get("location") ?? "",
      nonce: response.headers.get("replay-nonce") ?? undefined,
      retryAfterMs: Number.isFinite(retryAfter) ? retryAfter * 1000 : undefined,
    };
  } catch (error) {
    if (error instanceof KilnError) throw error;
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    throw failed(`${url} did not answer: ${messageOf(cause)}`, error);
  }
}

async function bounded(response: Response): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    if (bytes > MAX_BYTES) throw failed("an answer of the ACME server is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

export function isAddress(value: unknown): value is string {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

/** RFC 7807, with what RFC 8555, 6.7 adds. */
export function problemOf(body: Record<string, unknown>, status: number | string): string {
  const { type, detail } = body;
  return typeof detail === "string" ? `${detail} (${String(type)})` : `the ACME server answered ${status}`;
}

export function failed(why: string, cause?: unknown): KilnError {
  return new KilnError("ACME_FAILED", `No certificate could be had by ACME: ${why.slice(0, 1000)}.`, {
    hint:
      "The ACME server has to reach port 80 of every name in KILN_TLS_NAMES, and find KILN_ACME_LISTEN there. " +
      "Without ACME: --tls-cert and --tls-key, or --tls local.",
    ...(cause === undefined ? {} : { cause }),
  });
}
