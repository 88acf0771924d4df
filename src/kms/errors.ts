/** AWS KMS's errors, in its words. */
import { ServiceError } from "../base/errors.ts";

export function keyNotFound(arn: string): ServiceError {
  return new ServiceError("NotFoundException", `Key '${arn}' does not exist`);
}

export function invalidKeyId(keyId: string): ServiceError {
  return new ServiceError("NotFoundException", `Invalid keyId '${keyId}'`);
}

export function aliasNotFound(arn: string): ServiceError {
  return new ServiceError("NotFoundException", `Alias ${arn} is not found.`);
}

export function invalidArn(message: string): ServiceError {
  return new ServiceError("InvalidArnException", message);
}

export function malformedPolicy(message: string): ServiceError {
  return new ServiceError("MalformedPolicyDocumentException", message);
}

export function invalidPrincipal(name: string): ServiceError {
  return invalidArn(`ARN does not refer to a valid principal: ${name}`);
}

export function disabled(arn: string): ServiceError {
  return new ServiceError("DisabledException", `${arn} is disabled.`);
}

export function invalidState(arn: string, what: string): ServiceError {
  return new ServiceError("KMSInvalidStateException", `${arn} is ${what}.`);
}

/** AWS says nothing about it. */
export function invalidCiphertext(): ServiceError {
  return new ServiceError("InvalidCiphertextException", "");
}

/** Of a ciphertext. AWS tells nobody which of the three it is. */
export function noSuchKeyOfCiphertext(): ServiceError {
  return new ServiceError(
    "AccessDeniedException",
    "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
  );
}

export function incorrectKey(): ServiceError {
  return new ServiceError(
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
  );
}

export function validation(message: string): ServiceError {
  return new ServiceError("ValidationException", message);
}

export function unsupported(message: string): ServiceError {
  return new ServiceError("UnsupportedOperationException", message);
}

export function dryRun(): ServiceError {
  return new ServiceError(
    "DryRunOperationException",
    "The request would have succeeded, but the DryRun option is set.",
  );
}
