import type { PutKeyPolicyRequest } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required, requireDefault } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html */
export function putKeyPolicy(kms: Kms): Operation<PutKeyPolicyRequest, void> {
  return async (input, { caller }) => {
    requireDefault(input.PolicyName);
    await kms.setPolicy(caller, required(input.KeyId, "KeyId"), required(input.Policy, "Policy"));
  };
}
