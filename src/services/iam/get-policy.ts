import type { GetPolicyRequest, GetPolicyResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownPolicy } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html */
export function getPolicy({ identity }: IamDependencies): Operation<GetPolicyRequest, GetPolicyResponse> {
  return async ({ PolicyArn = "" }, { caller }) => ({
    Policy: shownPolicy(await identity.managed.get(caller.account, PolicyArn)),
  });
}
