import type { UpdateAssumeRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html */
export function updateAssumeRolePolicy({ identity }: IamDependencies): Operation<UpdateAssumeRolePolicyRequest> {
  return async ({ RoleName = "", PolicyDocument = "" }, { caller }) => {
    await identity.entities.setTrust(caller.account, RoleName, PolicyDocument);
  };
}
