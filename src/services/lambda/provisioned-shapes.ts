/** Provisioned concurrency as the API shows it. */
import type { GetProvisionedConcurrencyConfigResponse } from "@aws-sdk/client-lambda";
import { ServiceError } from "../../base/errors.ts";
import type { ProvisionedView } from "../../functions/concurrency/contract.ts";
import type { CallContext } from "../../wire/contract.ts";
import { namedFunction, type NamedFunction } from "./names.ts";
import { awsTime } from "./shapes.ts";

export function provisionedConfig(view: ProvisionedView): GetProvisionedConcurrencyConfigResponse {
  const { status, reason, allocated, available } = view.state;
  return {
    RequestedProvisionedConcurrentExecutions: view.requested,
    AvailableProvisionedConcurrentExecutions: available,
    AllocatedProvisionedConcurrentExecutions: allocated,
    Status: status,
    ...(reason === undefined ? {} : { StatusReason: reason }),
    LastModified: awsTime(view.lastModified),
  };
}

/** A version or alias of a function; the wire has seen to it that there is a qualifier. */
export function namedQualified(
  context: CallContext,
  input: { FunctionName?: string | undefined; Qualifier?: string | undefined },
): Required<NamedFunction> {
  const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
  if (qualifier === undefined) throw new ServiceError("ValidationException", "The request has no qualifier.");
  return { scope, name, qualifier };
}
