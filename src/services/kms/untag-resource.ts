import type { UntagResourceRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html */
export function untagResource(kms: Kms): Operation<UntagResourceRequest, void> {
  return async (input, { caller }) => {
    await kms.untag(caller, required(input.KeyId, "KeyId"), required(input.TagKeys, "TagKeys"));
  };
}
