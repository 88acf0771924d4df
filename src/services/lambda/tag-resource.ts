import type { TagResourceRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { taggedResource } from "./resource-arns.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_TagResource.html */
export function tagResource({ functions }: LambdaDependencies): Operation<TagResourceRequest, object> {
  return async (input, context) => {
    await functions.tags.add(taggedResource(context, input.Resource), input.Tags ?? {});
    return {};
  };
}
