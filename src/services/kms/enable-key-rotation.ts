import type { EnableKeyRotationRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { validation } from "../../kms/errors.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html */
export function enableKeyRotation(kms: Kms): Operation<EnableKeyRotationRequest, void> {
  return async (input, { caller }) => {
    const days = input.RotationPeriodInDays ?? 365;
    if (!(days >= 90 && days <= 2560)) throw validation("RotationPeriodInDays is 90 to 2560.");
    await kms.enableRotation(caller, required(input.KeyId, "KeyId"), days);
  };
}
