import type { UntagResourceRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { taggedResource } from "./resource-arns.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UntagResource.html */
export function untagResource({ functions }: LambdaDependencies): Operation<UntagResourceRequest, object> {
  return async (input, context) => {
    await functions.tags.remove(taggedResource(context, input.Resource), input.TagKeys ?? []);
    return {};
  };
}
