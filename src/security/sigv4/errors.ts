/**
 * What AWS answers when it cannot tell who calls, in Lambda's codes; the protocols have their own names for some of them.
 * The messages leave out what AWS adds for debugging (the canonical request, the header that was sent): it would tell
 * whoever tries keys what to try next.
 */
import { ServiceError } from "../../base/errors.ts";

const forbidden = { status: 403 };

export function missingAuthentication(): ServiceError {
  return new ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token", forbidden);
}

export function incompleteSignature(message: string): ServiceError {
  return new ServiceError("IncompleteSignatureException", message);
}

/** Ids of keys that Kiln or AWS makes. */
const madeKey = /^A[KS]IA[A-Z2-7]{16}$/;

/**
 * An unknown key, an inactive one, and a session token that is not its own look the same. Whoever signs with what emulators
 * take (`test`, an account's number) has made nothing up: it learns where keys come from.
 */
export function unrecognizedClient(accessKeyId: string): ServiceError {
  const message = "The security token included in the request is invalid.";
  const hint =
    ' Kiln takes keys that it has made: eval "$(kiln env)" sets one in this shell. With --auth off (loopback only) it takes any.';
  return new ServiceError(
    "UnrecognizedClientException",
    madeKey.test(accessKeyId) ? message : message + hint,
    forbidden,
  );
}

export function expiredToken(): ServiceError {
  return new ServiceError("ExpiredTokenException", "The security token included in the request is expired", forbidden);
}

export function invalidSignature(message: string): ServiceError {
  return new ServiceError("InvalidSignatureException", message, forbidden);
}

export function signatureMismatch(): ServiceError {
  return invalidSignature(
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key " +
      "and signing method. Consult the service documentation for details.",
  );
}
