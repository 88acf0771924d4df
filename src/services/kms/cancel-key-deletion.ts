import type { CancelKeyDeletionRequest, CancelKeyDeletionResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html */
export function cancelKeyDeletion(kms: Kms): Operation<CancelKeyDeletionRequest, CancelKeyDeletionResponse> {
  return async (input, { caller }) => {
    const { arn } = await kms.cancelDeletion(caller, required(input.KeyId, "KeyId"));
    return { KeyId: arn };
  };
}
