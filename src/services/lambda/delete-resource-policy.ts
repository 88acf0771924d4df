import type { DeleteResourcePolicyRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { policyOwner } from "./resource-arns.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteResourcePolicy.html */
export function deleteResourcePolicy({
  functions,
}: LambdaDependencies): Operation<DeleteResourcePolicyRequest, object> {
  return async (input, context) => {
    await functions.policies.delete(policyOwner(context, input.ResourceArn), input.RevisionId);
    return {};
  };
}
