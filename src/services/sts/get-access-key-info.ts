import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse } from "@aws-sdk/client-sts";
import { validation } from "../../identity/index.ts";
import type { Operation } from "../../wire/contract.ts";
import type { StsDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
export function getAccessKeyInfo({
  identity,
}: StsDependencies): Operation<GetAccessKeyInfoRequest, GetAccessKeyInfoResponse> {
  return async ({ AccessKeyId = "" }, { caller }) => {
    const account =
      AccessKeyId === caller.accessKeyId ? caller.account : await identity.accessKeys.accountOf(AccessKeyId);
    if (account === undefined) throw validation("Invalid Access Key ID.");
    return { Account: account };
  };
}
