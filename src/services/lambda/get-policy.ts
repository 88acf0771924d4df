import type { GetPolicyRequest, GetPolicyResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetPolicy.html */
export function getPolicy({ functions }: LambdaDependencies): Operation<GetPolicyRequest, GetPolicyResponse> {
  return async (input, context) => {
    const owner = namedFunction(context, input.FunctionName, input.Qualifier);
    const { policy, revisionId } = await functions.policies.get(owner);
    return { Policy: policy, RevisionId: revisionId };
  };
}
