import type { DisableKeyRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html */
export function disableKey(kms: Kms): Operation<DisableKeyRequest, void> {
  return async (input, { caller }) => {
    await kms.setEnabled(caller, required(input.KeyId, "KeyId"), false);
  };
}
