import type { TagResourceRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";
import { tagsOf } from "./shapes.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html */
export function tagResource(kms: Kms): Operation<TagResourceRequest, void> {
  return async (input, { caller }) => {
    await kms.tag(caller, required(input.KeyId, "KeyId"), tagsOf(required(input.Tags, "Tags")));
  };
}
