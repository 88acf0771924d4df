import type { DeleteRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePolicy.html */
export function deleteRolePolicy({ identity }: IamDependencies): Operation<DeleteRolePolicyRequest> {
  return async ({ RoleName = "", PolicyName = "" }, { caller }) => {
    await identity.attachments.removeInline({ account: caller.account, kind: "role", name: RoleName }, PolicyName);
  };
}
