/** The errors of the functions domain, in AWS's words. */
import type { Settings } from "./contract.ts";
import { functionArn } from "../base/arn.ts";
import { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { Phase } from "./contract.ts";

/** What functions that are isolated by tenant cannot have: https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html */
export function refuseTenants({ TenancyConfig: tenancy }: Pick<Settings, "TenancyConfig">, what: string): void {
  if (tenancy !== undefined) {
    throw invalidParameter(`${what} not supported for functions with tenancy configuration.`);
  }
}

export function invalidParameter(message: string): ServiceError {
  return new ServiceError("InvalidParameterValueException", message);
}

/** An image is signed, if at all, in its registry. */
export function signedImage(): ServiceError {
  return invalidParameter("Code signing is not supported for functions created with container images.");
}

export function layersOfImage(): ServiceError {
  return invalidParameter("Lambda layers are not supported for functions created with container images.");
}

/** A member that Kiln cannot honour, where ignoring it would do something else than the caller asked for. */
export function unsupported(member: string, reason: string): ServiceError {
  return invalidParameter(`${member} is not supported by Kiln yet: ${reason}`);
}

export function functionNotFound(scope: Scope, name: string, qualifier?: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `Function not found: ${functionArn(scope, name, qualifier)}`, {
    status: 404,
  });
}

export function alreadyExists(name: string): ServiceError {
  return new ServiceError("ResourceConflictException", `Function already exist: ${name}`, { status: 409 });
}

/** Somebody else is changing the function. */
export function updateInProgress(scope: Scope, name: string): ServiceError {
  return conflict(`An update is in progress for resource: ${functionArn(scope, name)}`);
}

/** The function cannot be called or changed in this phase. */
export function wrongState(phase: Phase): ServiceError {
  return conflict(`The function is currently in the following state: ${phase === "creating" ? "Pending" : "Failed"}`);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/snapstart-troubleshooting.html */
export function snapStartNotReady(): ServiceError {
  return new ServiceError(
    "SnapStartNotReadyException",
    "Lambda is initializing your function. It will be ready to invoke once your function state becomes ACTIVE.",
    { status: 409, members: { Type: "User" } },
  );
}

export function snapStartRegenerationFailed(): ServiceError {
  return new ServiceError(
    "SnapStartRegenerationFailureException",
    "Lambda couldn't regenerate the SnapStart snapshot for the function.",
    { status: 409, members: { Type: "User" } },
  );
}

function conflict(why: string): ServiceError {
  return new ServiceError("ResourceConflictException", `The operation cannot be performed at this time. ${why}`, {
    status: 409,
  });
}

export function revisionMismatch(): ServiceError {
  return new ServiceError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id",
    { status: 412 },
  );
}

export function codeStorageExceeded(): ServiceError {
  return new ServiceError("CodeStorageExceededException", "Code storage limit exceeded.");
}

export function zipTooLarge(limit: number): ServiceError {
  return new ServiceError("RequestEntityTooLargeException", `Zipped size must be smaller than ${limit} bytes`, {
    status: 413,
  });
}

/** @param why Why it could not be built. */
export function runtimeMissing(runtime: string, why?: string): ServiceError {
  return new ServiceError(
    "InvalidRuntimeException",
    why === undefined
      ? `The image of the runtime ${runtime} is not on this machine. Run "kiln runtimes build ${runtime}" and try again.`
      : `The image of the runtime ${runtime} could not be built: ${why}`,
    { status: 502 },
  );
}

export function invalidSubnet(id: string): ServiceError {
  return new ServiceError("InvalidSubnetIDException", `The subnet ID '${id}' does not exist`, { status: 502 });
}

export function invalidSecurityGroup(id: string): ServiceError {
  return new ServiceError("InvalidSecurityGroupIDException", `The security group '${id}' does not exist`, {
    status: 502,
  });
}

export function aliasAlreadyExists(scope: Scope, name: string, alias: string): ServiceError {
  return new ServiceError("ResourceConflictException", `Alias already exists: ${functionArn(scope, name, alias)}`, {
    status: 409,
  });
}

/** `GetAlias` of one that is not there; AWS words it in another way when it is to be updated. */
export function aliasNotFound(scope: Scope, name: string, alias: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `Cannot find alias arn: ${functionArn(scope, name, alias)}`, {
    status: 404,
  });
}

export function aliasToUpdateNotFound(scope: Scope, name: string, alias: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", `Alias not found: ${functionArn(scope, name, alias)}`, {
    status: 404,
  });
}

export function versionInUse(aliases: readonly string[]): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    `Unable to delete version because the following aliases reference it: [${aliases.join(", ")}]`,
    { status: 409 },
  );
}
