/** The errors of code signing, in AWS's words. */
import { resourceArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";

export function configArn(scope: Scope, id: string): string {
  return resourceArn(scope, "code-signing-config", id);
}

export function configNotFound(arn: string): ServiceError {
  return new ServiceError(
    "ResourceNotFoundException",
    `The Lambda code signing configuration ${arn} can not be found.`,
    { status: 404 },
  );
}

/** The same where a function is to use it. */
export function configToUseNotFound(arn: string): ServiceError {
  return new ServiceError(
    "CodeSigningConfigNotFoundException",
    `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${arn}.`,
    { status: 404 },
  );
}

export function configInUse(arn: string): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    `The code signing configuration ${arn} is used by functions. Remove it from them before you delete it.`,
    { status: 409 },
  );
}

export function configBusy(arn: string): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    `The code signing configuration ${arn} is being changed by somebody else. Try again.`,
    { status: 409 },
  );
}

export function untrustedCode(functionName: string): ServiceError {
  return new ServiceError(
    "CodeVerificationFailedException",
    "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not " +
      `configured to accept. Check the provided signature for ${functionName}.`,
  );
}
