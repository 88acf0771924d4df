import type { GetKeyPolicyRequest, GetKeyPolicyResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { required, requireDefault } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
export function getKeyPolicy(kms: Kms): Operation<GetKeyPolicyRequest, GetKeyPolicyResponse> {
  return async (input, { caller }) => {
    requireDefault(input.PolicyName);
    const found = await kms.find(caller, required(input.KeyId, "KeyId"));
    return { Policy: await kms.shownPolicy(found), PolicyName: "default" };
  };
}
