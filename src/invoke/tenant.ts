/**
 * Isolation by tenant: each tenant of such a function has environments of its own
 * (https://docs.aws.amazon.com/lambda/latest/dg/tenant-isolation.html).
 */
import { ServiceError } from "../base/errors.ts";
import type { Target } from "./contract.ts";

/** No version's key has it. */
const SEPARATOR = "\n";

/** What a call of this tenant goes to. Throws InvalidParameterValueException where function and call do not fit. */
export function targetFor(target: Target, tenantId: string | undefined): Target {
  if (target.perTenant !== true) {
    if (tenantId === undefined) return target;
    throw new ServiceError(
      "InvalidParameterValueException",
      "The invoked function is not enabled with tenancy configuration. Remove the tenant ID from your request and try again.",
    );
  }
  if (tenantId === undefined) {
    throw new ServiceError(
      "InvalidParameterValueException",
      "The invoked function is enabled with tenancy configuration. Add a valid tenant ID in your request and try again.",
    );
  }
  return { ...target, key: `${target.key}${SEPARATOR}${tenantId}` };
}

/** The key of the version, whichever tenant an environment belongs to. */
export function versionKeyOf(key: string): string {
  const end = key.indexOf(SEPARATOR);
  return end === -1 ? key : key.slice(0, end);
}
