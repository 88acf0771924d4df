import type { CreateUserRequest, CreateUserResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { tagsOf } from "../../identity/index.ts";
import { shownUser } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateUser.html */
export function createUser({ identity }: IamDependencies): Operation<CreateUserRequest, CreateUserResponse> {
  return async ({ UserName = "", Path, PermissionsBoundary, Tags }, { caller }) => {
    const user = await identity.entities.create({
      account: caller.account,
      kind: "user",
      name: UserName,
      path: Path,
      boundary: PermissionsBoundary,
      tags: tagsOf(Tags),
    });
    return { User: shownUser(user) };
  };
}
