import type { GetRoleRequest, GetRoleResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownRole } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html */
export function getRole({ identity }: IamDependencies): Operation<GetRoleRequest, GetRoleResponse> {
  return async ({ RoleName = "" }, { caller }) => {
    const role = await identity.entities.get({ account: caller.account, kind: "role", name: RoleName });
    return { Role: shownRole(await identity.entities.shown(role)) };
  };
}
