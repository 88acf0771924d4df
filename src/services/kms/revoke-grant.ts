import type { RevokeGrantRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { dryRun } from "../../kms/errors.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html */
export function revokeGrant(kms: Kms): Operation<RevokeGrantRequest, void> {
  return async (input, { caller }) => {
    if (input.DryRun === true) throw dryRun();
    await kms.revokeGrant(caller, required(input.KeyId, "KeyId"), required(input.GrantId, "GrantId"));
  };
}
