import type { ListKeyPoliciesRequest, ListKeyPoliciesResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html */
export function listKeyPolicies(kms: Kms): Operation<ListKeyPoliciesRequest, ListKeyPoliciesResponse> {
  return async (input, { caller }) => {
    await kms.find(caller, required(input.KeyId, "KeyId"));
    return { PolicyNames: ["default"], Truncated: false };
  };
}
