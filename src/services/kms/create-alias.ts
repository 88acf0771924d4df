import type { CreateAliasRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html */
export function createAlias(kms: Kms): Operation<CreateAliasRequest, void> {
  return async (input, { caller }) => {
    await kms.createAlias(caller, required(input.AliasName, "AliasName"), required(input.TargetKeyId, "TargetKeyId"));
  };
}
