/** STS's errors, in its words. */
import { ServiceError } from "../../base/errors.ts";
import type { Caller } from "../../wire/contract.ts";

/** Also for a role that is not there: a caller does not learn which roles there are. */
export function mayNotAssume(caller: Caller, action: string, roleArn: string): ServiceError {
  return accessDenied(`User: ${caller.arn} is not authorized to perform: ${action} on resource: ${roleArn}`);
}

export function accessDenied(message: string): ServiceError {
  return new ServiceError("AccessDenied", message, { status: 403 });
}

export function packedPolicyTooLarge(): ServiceError {
  return new ServiceError("PackedPolicyTooLarge", "Packed policy consumes more than 100% of allotted space.");
}
