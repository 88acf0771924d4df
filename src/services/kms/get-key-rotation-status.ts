import type { GetKeyRotationStatusRequest, GetKeyRotationStatusResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html */
export function getKeyRotationStatus(kms: Kms): Operation<GetKeyRotationStatusRequest, GetKeyRotationStatusResponse> {
  return async (input, { caller }) => {
    const { arn, key } = await kms.find(caller, required(input.KeyId, "KeyId"));
    if (key.rotation === undefined || key.state === "PendingDeletion") return { KeyId: arn, KeyRotationEnabled: false };
    const { periodDays, nextAt } = key.rotation;
    return {
      KeyId: arn,
      KeyRotationEnabled: true,
      RotationPeriodInDays: periodDays,
      NextRotationDate: new Date(nextAt),
    };
  };
}
