import type { AttachGroupPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachGroupPolicy.html */
export function attachGroupPolicy({ identity }: IamDependencies): Operation<AttachGroupPolicyRequest> {
  return async ({ GroupName = "", PolicyArn = "" }, { caller }) => {
    await identity.attachments.attach({ account: caller.account, kind: "group", name: GroupName }, PolicyArn);
  };
}
