import type { CreateRoleRequest, CreateRoleResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { tagsOf } from "../../identity/index.ts";
import { shownRole } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
export function createRole({ identity }: IamDependencies): Operation<CreateRoleRequest, CreateRoleResponse> {
  return async (input, { caller }) => {
    const { RoleName = "", Path, AssumeRolePolicyDocument = "", Description, MaxSessionDuration = 3600 } = input;
    const role = await identity.entities.create({
      account: caller.account,
      kind: "role",
      name: RoleName,
      path: Path,
      boundary: input.PermissionsBoundary,
      tags: tagsOf(input.Tags),
      role: {
        trust: AssumeRolePolicyDocument,
        maxSessionDuration: MaxSessionDuration,
        ...(Description === undefined ? {} : { description: Description }),
      },
    });
    return { Role: shownRole(await identity.entities.shown(role)) };
  };
}
