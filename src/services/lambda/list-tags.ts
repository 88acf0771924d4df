import type { ListTagsRequest, ListTagsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { taggedResource } from "./resource-arns.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListTags.html */
export function listTags({ functions }: LambdaDependencies): Operation<ListTagsRequest, ListTagsResponse> {
  return async (input, context) => ({ Tags: await functions.tags.list(taggedResource(context, input.Resource)) });
}
