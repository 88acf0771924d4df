/** Refusals in the words that AWS was seen to answer with. */
import { functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";

/** There is no function or alias that could have a URL. */
export function noFunction(): ServiceError {
  return new ServiceError("ResourceNotFoundException", "Function does not exist", { status: 404 });
}

/** There is no URL. */
export function noUrl(): ServiceError {
  return new ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", { status: 404 });
}

export function urlExists(scope: Scope, name: string, qualifier: string | undefined): ServiceError {
  return new ServiceError(
    "ResourceConflictException",
    `Failed to create function url config for [functionArn = ${functionArn(scope, name, qualifier)}]. ` +
      "Error message:  FunctionUrlConfig exists for this Lambda function",
    { status: 409 },
  );
}
