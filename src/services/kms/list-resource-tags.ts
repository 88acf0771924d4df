import type { ListResourceTagsRequest, ListResourceTagsResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html */
export function listResourceTags(kms: Kms): Operation<ListResourceTagsRequest, ListResourceTagsResponse> {
  return async (input, { caller }) => {
    const { key } = await kms.find(caller, required(input.KeyId, "KeyId"));
    return {
      Tags: Object.entries(key.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
      Truncated: false,
    };
  };
}
