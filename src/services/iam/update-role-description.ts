import type { UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse } from "@aws-sdk/client-iam";
import { changedRole } from "./changed-role.ts";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownRole } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateRoleDescription.html */
export function updateRoleDescription({
  identity,
}: IamDependencies): Operation<UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse> {
  return async ({ RoleName = "", Description = "" }, { caller }) => {
    const role = await identity.entities.change(
      { account: caller.account, kind: "role", name: RoleName },
      changedRole({ description: Description }),
    );
    return { Role: shownRole(await identity.entities.shown(role)) };
  };
}
