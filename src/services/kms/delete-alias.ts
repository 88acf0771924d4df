import type { DeleteAliasRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html */
export function deleteAlias(kms: Kms): Operation<DeleteAliasRequest, void> {
  return async (input, { caller }) => {
    await kms.deleteAlias(caller, required(input.AliasName, "AliasName"));
  };
}
