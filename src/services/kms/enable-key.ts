import type { EnableKeyRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html */
export function enableKey(kms: Kms): Operation<EnableKeyRequest, void> {
  return async (input, { caller }) => {
    await kms.setEnabled(caller, required(input.KeyId, "KeyId"), true);
  };
}
