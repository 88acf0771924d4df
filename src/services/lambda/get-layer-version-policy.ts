import type { GetLayerVersionPolicyRequest, GetLayerVersionPolicyResponse } from "@aws-sdk/client-lambda";
import { policyText } from "../../functions/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedOwnLayer } from "./layer-names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionPolicy.html */
export function getLayerVersionPolicy({
  functions,
}: LambdaDependencies): Operation<GetLayerVersionPolicyRequest, GetLayerVersionPolicyResponse> {
  return async (input, context) => {
    const { owner, name } = namedOwnLayer(context, input.LayerName);
    const version = input.VersionNumber ?? 0;
    const policy = await functions.layers.policy(owner, name, version);
    return { Policy: policyText(owner, { name, version }, policy), RevisionId: policy.revisionId };
  };
}
