import type { GetResourcePolicyRequest, GetResourcePolicyResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { policyOwner } from "./resource-arns.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetResourcePolicy.html */
export function getResourcePolicy({
  functions,
}: LambdaDependencies): Operation<GetResourcePolicyRequest, GetResourcePolicyResponse> {
  return async (input, context) => {
    const { policy, revisionId } = await functions.policies.get(policyOwner(context, input.ResourceArn));
    return { Policy: policy, RevisionId: revisionId };
  };
}
