import type { DeleteUserPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPolicy.html */
export function deleteUserPolicy({ identity }: IamDependencies): Operation<DeleteUserPolicyRequest> {
  return async ({ UserName = "", PolicyName = "" }, { caller }) => {
    await identity.attachments.removeInline({ account: caller.account, kind: "user", name: UserName }, PolicyName);
  };
}
