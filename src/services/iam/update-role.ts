import type { UpdateRoleRequest } from "@aws-sdk/client-iam";
import { changedRole } from "./changed-role.ts";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRole.html */
export function updateRole({ identity }: IamDependencies): Operation<UpdateRoleRequest> {
  return async ({ RoleName = "", Description, MaxSessionDuration }, { caller }) => {
    await identity.entities.change(
      { account: caller.account, kind: "role", name: RoleName },
      changedRole({
        ...(Description === undefined ? {} : { description: Description }),
        ...(MaxSessionDuration === undefined ? {} : { maxSessionDuration: MaxSessionDuration }),
      }),
    );
  };
}
