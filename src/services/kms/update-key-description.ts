import type { UpdateKeyDescriptionRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html */
export function updateKeyDescription(kms: Kms): Operation<UpdateKeyDescriptionRequest, void> {
  return async (input, { caller }) => {
    await kms.describe(caller, required(input.KeyId, "KeyId"), required(input.Description, "Description"));
  };
}
