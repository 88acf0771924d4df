import type { DisableKeyRotationRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html */
export function disableKeyRotation(kms: Kms): Operation<DisableKeyRotationRequest, void> {
  return async (input, { caller }) => {
    await kms.disableRotation(caller, required(input.KeyId, "KeyId"));
  };
}
