import type { PutResourcePolicyRequest, PutResourcePolicyResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { policyOwner } from "./resource-arns.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutResourcePolicy.html */
export function putResourcePolicy({
  functions,
}: LambdaDependencies): Operation<PutResourcePolicyRequest, PutResourcePolicyResponse> {
  return async (input, context) => {
    const owner = policyOwner(context, input.ResourceArn);
    const { policy, revisionId } = await functions.policies.put(owner, input.Policy ?? "", input.RevisionId);
    return { Policy: policy, RevisionId: revisionId };
  };
}
