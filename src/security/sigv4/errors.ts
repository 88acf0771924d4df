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

/** An unknown key, an inactive one, and a session token that is not its own look the same. */
export function unrecognizedClient(): ServiceError {
  return new ServiceError(
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
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
