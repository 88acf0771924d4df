import type { DetachUserPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachUserPolicy.html */
export function detachUserPolicy({ identity }: IamDependencies): Operation<DetachUserPolicyRequest> {
  return async ({ UserName = "", PolicyArn = "" }, { caller }) => {
    await identity.attachments.detach({ account: caller.account, kind: "user", name: UserName }, PolicyArn);
  };
}
