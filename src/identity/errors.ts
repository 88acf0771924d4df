/** IAM's errors, in its words. */
import { ServiceError } from "../base/errors.ts";
import type { EntityKind } from "./contract.ts";

export function noSuchEntity(message: string): ServiceError {
  return new ServiceError("NoSuchEntity", message, { status: 404 });
}

export function noEntity(kind: EntityKind, name: string): ServiceError {
  return noSuchEntity(`The ${kind} with name ${name} cannot be found.`);
}

export function noPolicy(arn: string): ServiceError {
  return noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

export function noInlinePolicy(kind: EntityKind, name: string): ServiceError {
  return noSuchEntity(`The ${kind} policy with name ${name} cannot be found.`);
}

export function noAccessKey(id: string): ServiceError {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

export function alreadyExists(message: string): ServiceError {
  return new ServiceError("EntityAlreadyExists", message, { status: 409 });
}

export function deleteConflict(what: string): ServiceError {
  return new ServiceError("DeleteConflict", `Cannot delete ${what}.`, { status: 409 });
}

export function limitExceeded(message: string): ServiceError {
  return new ServiceError("LimitExceeded", message, { status: 409 });
}

export function malformedPolicy(message: string): ServiceError {
  return new ServiceError("MalformedPolicyDocument", message);
}

export function invalidInput(message: string): ServiceError {
  return new ServiceError("InvalidInput", message);
}

export function validation(message: string): ServiceError {
  return new ServiceError("ValidationError", message);
}

export function concurrentModification(): ServiceError {
  return new ServiceError("ConcurrentModification", "Another request has changed the same resource. Try again.", {
    status: 409,
  });
}
