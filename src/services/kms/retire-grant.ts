import type { RetireGrantRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { dryRun } from "../../kms/errors.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html */
export function retireGrant(kms: Kms): Operation<RetireGrantRequest, void> {
  return async (input, { caller }) => {
    const { GrantToken, KeyId, GrantId } = input;
    if (input.DryRun === true) throw dryRun();
    if (GrantToken !== undefined) return kms.retireGrant(caller, { token: GrantToken });
    return kms.retireGrant(caller, { keyId: required(KeyId, "KeyId"), grantId: required(GrantId, "GrantId") });
  };
}
