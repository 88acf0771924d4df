/** The errors of these settings, in AWS's words. */
import { functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { EventInvokeTarget } from "./contract.ts";

export function noSuchFunction(): ServiceError {
  return notFound("The function doesn't exist.");
}

/** AWS says so also where there is no such function. */
export function noSuchConfig({ scope, name, qualifier }: EventInvokeTarget): ServiceError {
  return notFound(`The function ${functionArn(scope, name, qualifier)} doesn't have an EventInvokeConfig`);
}

function notFound(message: string): ServiceError {
  return new ServiceError("ResourceNotFoundException", message, { status: 404 });
}
