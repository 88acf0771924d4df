import type { DeleteRoleRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html */
export function deleteRole({ identity }: IamDependencies): Operation<DeleteRoleRequest> {
  return async ({ RoleName = "" }, { caller }) => {
    await identity.entities.remove({ account: caller.account, kind: "role", name: RoleName });
  };
}
