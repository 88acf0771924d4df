/**
 * Bounds how often somebody can guess. Whoever signs correctly never meets it: only requests that have failed already are
 * counted, by the address that they come from and by the key that they name, and what changes is their answer. It is
 * AWS's for too many requests, which tells nothing of the guess and makes AWS's clients wait longer from time to time.
 */
import { isIPv6 } from "node:net";
import type { Clock } from "../../base/clock.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Authentication, Authenticator, CredentialScope, RequestHead } from "../contract.ts";

export interface FailureLimits {
  /** Failures in a row that are answered for what they are. */
  readonly burst: number;
  /** Further ones a second. */
  readonly perSecond: number;
  /** Addresses, and keys, that are remembered; those that were heard of last stay. */
  readonly remembered: number;
}

export const defaultFailureLimits: FailureLimits = { burst: 60, perSecond: 1, remembered: 10_000 };

/** What a guess is answered with. An expired token, a request without a signature and one that is not allowed are none. */
const guesses = new Set(["UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignatureException"]);

export function limitFailures(
  authenticator: Authenticator,
  clock: Clock,
  limits: FailureLimits = defaultFailureLimits,
): Authenticator {
  const [bySource, byKey] = [createBuckets(clock, limits), createBuckets(clock, limits)];

  function answerTo(error: unknown, { sourceIp }: RequestHead, claimed: CredentialScope | undefined): unknown {
    if (!(error instanceof ServiceError) || !guesses.has(error.code)) return error;
    // Both are counted, whatever the first one says.
    const left = [
      sourceIp === undefined || bySource(networkOf(sourceIp)),
      claimed === undefined || byKey(claimed.accessKeyId),
    ];
    return left.every(Boolean) ? error : new ServiceError("ThrottlingException", "Rate exceeded");
  }

  return {
    ...authenticator,
    authenticate(head, claimed, service) {
      const refuse = (error: unknown): never => {
        throw answerTo(error, head, claimed);
      };
      const late = (authenticated: Authentication): Authentication => {
        return (body) => {
          try {
            return authenticated(body);
          } catch (error) {
            return refuse(error);
          }
        };
      };
      try {
        const authenticated = authenticator.authenticate(head, claimed, service);
        return authenticated instanceof Promise ? authenticated.then(late, refuse) : late(authenticated);
      } catch (error) {
        return refuse(error);
      }
    },
  };
}

/** Token buckets by name: true while there is one left. A name that nobody remembers has a full bucket. */
function createBuckets(clock: Clock, { burst, perSecond, remembered }: FailureLimits): (name: string) => boolean {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return (name) => {
    const now = clock();
    const found = buckets.get(name);
    const tokens =
      found === undefined ? burst : Math.min(burst, found.tokens + (Math.max(0, now - found.at) / 1000) * perSecond);
    buckets.delete(name);
    buckets.set(name, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    const oldest = buckets.size > remembered ? buckets.keys().next().value : undefined;
    if (oldest !== undefined) buckets.delete(oldest);
    return tokens >= 1;
  };
}

/** Who has one address of IPv6 has the 2^64 beside it. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("::");
  const before = head.split(":").filter((group) => group !== "");
  const after = tail === undefined ? [] : tail.split(":").filter((group) => group !== "");
  const zeros = tail === undefined ? [] : Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
