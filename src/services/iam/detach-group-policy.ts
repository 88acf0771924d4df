import type { DetachGroupPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachGroupPolicy.html */
export function detachGroupPolicy({ identity }: IamDependencies): Operation<DetachGroupPolicyRequest> {
  return async ({ GroupName = "", PolicyArn = "" }, { caller }) => {
    await identity.attachments.detach({ account: caller.account, kind: "group", name: GroupName }, PolicyArn);
  };
}
