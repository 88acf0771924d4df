import type { ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { validation } from "../../kms/errors.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html */
export function scheduleKeyDeletion(kms: Kms): Operation<ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse> {
  return async (input, { caller }) => {
    const days = input.PendingWindowInDays ?? 30;
    if (!(days >= 7 && days <= 30)) throw validation("PendingWindowInDays is 7 to 30.");
    const { arn, key } = await kms.scheduleDeletion(caller, required(input.KeyId, "KeyId"), days);
    return { KeyId: arn, KeyState: key.state, DeletionDate: new Date(key.deletionAt ?? 0), PendingWindowInDays: days };
  };
}
