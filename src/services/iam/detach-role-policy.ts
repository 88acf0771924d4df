import type { DetachRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DetachRolePolicy.html */
export function detachRolePolicy({ identity }: IamDependencies): Operation<DetachRolePolicyRequest> {
  return async ({ RoleName = "", PolicyArn = "" }, { caller }) => {
    await identity.attachments.detach({ account: caller.account, kind: "role", name: RoleName }, PolicyArn);
  };
}
