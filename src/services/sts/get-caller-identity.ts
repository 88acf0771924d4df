import type { GetCallerIdentityRequest, GetCallerIdentityResponse } from "@aws-sdk/client-sts";
import type { Operation } from "../../wire/contract.ts";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export function getCallerIdentity(): Operation<GetCallerIdentityRequest, GetCallerIdentityResponse> {
  return async (_input, { caller }) => ({ UserId: caller.userId, Account: caller.account, Arn: caller.arn });
}
