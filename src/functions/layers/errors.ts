/** The errors of layers, in AWS's words. */
import { layerArn, partitionOf } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { invalidParameter } from "../errors.ts";

export function notFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message, { status: 404 });
}

/** What reading answers. */
export function noSuchResource(): ServiceError {
  return notFound("The resource you requested does not exist.");
}

/** What the operations on policies answer. */
export function noSuchVersion(owner: Scope, name: string, version: number): ServiceError {
  return notFound(`Layer version ${layerArn(owner, name, version)} does not exist.`);
}

export function versionTooSmall(): ServiceError {
  return invalidParameter("Layer Version Cannot be less than 1");
}

/** An account asks for what another one has not given it, or does not have: both look the same to it. */
export function notAllowed(
  account: string,
  owner: Scope,
  resource: string,
  action = "lambda:GetLayerVersion",
): ServiceError {
  return new ServiceError(
    "AccessDeniedException",
    `User: arn:${partitionOf(owner.region)}:iam::${account}:root is not authorized to perform: ${action} on resource: ${resource} ` +
      `because no resource-based policy allows the ${action} action`,
    { status: 403 },
  );
}

export function layerConflict(): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    "The operation cannot be performed at this time. An update is in progress for the layer.",
    { status: 409 },
  );
}
