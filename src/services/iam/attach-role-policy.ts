import type { AttachRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html */
export function attachRolePolicy({ identity }: IamDependencies): Operation<AttachRolePolicyRequest> {
  return async ({ RoleName = "", PolicyArn = "" }, { caller }) => {
    await identity.attachments.attach({ account: caller.account, kind: "role", name: RoleName }, PolicyArn);
  };
}
