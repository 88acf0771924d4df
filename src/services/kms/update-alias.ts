import type { UpdateAliasRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html */
export function updateAlias(kms: Kms): Operation<UpdateAliasRequest, void> {
  return async (input, { caller }) => {
    await kms.updateAlias(caller, required(input.AliasName, "AliasName"), required(input.TargetKeyId, "TargetKeyId"));
  };
}
