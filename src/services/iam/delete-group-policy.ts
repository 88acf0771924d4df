import type { DeleteGroupPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroupPolicy.html */
export function deleteGroupPolicy({ identity }: IamDependencies): Operation<DeleteGroupPolicyRequest> {
  return async ({ GroupName = "", PolicyName = "" }, { caller }) => {
    await identity.attachments.removeInline({ account: caller.account, kind: "group", name: GroupName }, PolicyName);
  };
}
