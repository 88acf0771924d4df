import type { RotateKeyOnDemandRequest, RotateKeyOnDemandResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html */
export function rotateKeyOnDemand(kms: Kms): Operation<RotateKeyOnDemandRequest, RotateKeyOnDemandResponse> {
  return async (input, { caller }) => {
    const { arn } = await kms.rotate(caller, required(input.KeyId, "KeyId"));
    return { KeyId: arn };
  };
}
