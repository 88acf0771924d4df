/** The errors of resource policies, in AWS's words. */
import { functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import { functionNotFound } from "../errors.ts";
import { isAliasName } from "../keys.ts";
import type { PolicyOwner } from "./contract.ts";

export function ownerNotFound({ scope, name, qualifier }: PolicyOwner): ServiceError {
  if (qualifier === undefined || !isAliasName(qualifier)) return functionNotFound(scope, name, qualifier);
  return notFound(`Cannot find alias arn: ${functionArn(scope, name, qualifier)}`);
}

/** `GetPolicy` says the same of what is not there and of what has no policy. */
export function policyNotFound(): ServiceError {
  return notFound("The resource you requested does not exist.");
}

export function noPolicyAttached(): ServiceError {
  return notFound("No policy is associated with the given resource.");
}

export function noPolicyOfFunction({ scope, name }: PolicyOwner): ServiceError {
  return notFound(`No policy found for: ${functionArn(scope, name)}`);
}

export function statementNotFound(statementId: string): ServiceError {
  return notFound(`Statement ${statementId} is not found in resource policy.`);
}

export function statementExists(statementId: string): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    `The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
    { status: 409 },
  );
}

export function policyRevisionMismatch(): ServiceError {
  return new ServiceError(
    "PreconditionFailedException",
    "The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id",
    { status: 412 },
  );
}

export function policyTooLong(bytes: number, limit: number): ServiceError {
  return new ServiceError(
    "PolicyLengthExceededException",
    `The final policy size (${bytes}) is bigger than the limit (${limit}).`,
  );
}

function notFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message, { status: 404 });
}
