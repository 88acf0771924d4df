/**
 * Web identities: tokens of OpenID Connect issuers that the operator trusts. Their keys are fetched when a token of theirs
 * comes, kept, and fetched again when a token names another key. https://openid.net/specs/openid-connect-core-1_0.html
 */
import type * as Jose from "jose";
import { ServiceError } from "../base/errors.ts";

export interface OidcIssuer {
  /** `https://…`, as it stands in the tokens. */
  readonly url: string;
  /** A token has to be for one of these. */
  readonly audiences: readonly string[];
}

export interface WebIdentity {
  /** The issuer without its scheme, as policies name it. */
  readonly provider: string;
  readonly subject: string;
  readonly audience: string;
  /** Condition keys: `PROVIDER:aud`, `PROVIDER:sub`, … */
  readonly keys: Readonly<Record<string, string | readonly string[]>>;
}

export interface WebIdentities {
  /** Throws ServiceError InvalidIdentityToken, ExpiredTokenException, IDPCommunicationError. */
  verify(token: string): Promise<WebIdentity>;
}

/** Signatures with a key pair only: a secret would be one that the issuer shares. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
/** ms for each of the two documents of an issuer. */
const PATIENCE = 5000;
/** Bytes of an issuer's description. */
const LONGEST = 256 * 1024;

export function createWebIdentities(issuers: readonly OidcIssuer[]): WebIdentities {
  const known = new Map(
    issuers.map((issuer) => [issuer.url, { issuer, keys: undefined as Promise<Jose.JWTVerifyGetKey> | undefined }]),
  );
  return {
    async verify(token) {
      // Most never see such a token.
      const jose = await import("jose");
      const claimed = claimsOf(jose, token);
      const entry = known.get(claimed.iss ?? "");
      if (entry === undefined)
        throw invalidToken("No OpenIDConnect provider found in your account for the issuer of the token.");
      const { issuer } = entry;
      try {
        entry.keys ??= fetchKeys(jose, issuer.url);
        const { payload } = await jose.jwtVerify(token, await entry.keys, {
          issuer: issuer.url,
          audience: [...issuer.audiences],
          algorithms,
          requiredClaims: ["sub", "exp", "aud"],
        });
        return identityOf(issuer, payload);
      } catch (error) {
        if (error instanceof jose.errors.JWTExpired) throw expired();
        if (error instanceof jose.errors.JWKSTimeout || !(error instanceof jose.errors.JOSEError)) {
          // The next token asks anew.
          entry.keys = undefined;
          throw unreachable(error);
        }
        throw invalidToken("The web identity token that was passed could not be validated.", error);
      }
    },
  };
}

function claimsOf(jose: typeof Jose, token: string): Jose.JWTPayload {
  try {
    return jose.decodeJwt(token);
  } catch (error) {
    throw invalidToken("The web identity token that was passed could not be decoded.", error);
  }
}

async function fetchKeys(jose: typeof Jose, url: string): Promise<Jose.JWTVerifyGetKey> {
  const answer = await fetch(`${url.replace(/\/$/, "")}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(PATIENCE),
    redirect: "error",
  });
  const text = await answer.text();
  if (!answer.ok || text.length > LONGEST) throw new Error(`${url} has no description of its keys`);
  const { jwks_uri: place } = JSON.parse(text) as { jwks_uri?: unknown };
  if (typeof place !== "string" || new URL(place).protocol !== new URL(url).protocol) {
    throw new Error(`${url} does not say where its keys are`);
  }
  return jose.createRemoteJWKSet(new URL(place), { timeoutDuration: PATIENCE });
}

function identityOf({ url, audiences }: OidcIssuer, payload: Jose.JWTPayload): WebIdentity {
  const provider = url.replace(/^https?:\/\//, "").replace(/\/$/, "");
  const all = [payload.aud ?? []].flat();
  const audience = all.find((one) => audiences.includes(one)) ?? "";
  const { sub: subject = "", amr } = payload;
  const prefix = provider.toLowerCase();
  return {
    provider,
    subject,
    audience,
    keys: {
      [`${prefix}:sub`]: subject,
      [`${prefix}:aud`]: audience,
      ...(Array.isArray(amr) ? { [`${prefix}:amr`]: amr.map(String) } : {}),
    },
  };
}

function invalidToken(message: string, cause?: unknown): ServiceError {
  return new ServiceError("InvalidIdentityToken", message, cause === undefined ? {} : { cause });
}

function expired(): ServiceError {
  return new ServiceError("ExpiredTokenException", "Token expired: it must be renewed by its identity provider.");
}

function unreachable(cause: unknown): ServiceError {
  return new ServiceError("IDPCommunicationError", "The identity provider could not be asked for its keys.", { cause });
}
