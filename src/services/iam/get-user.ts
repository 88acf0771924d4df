import type { GetUserRequest, GetUserResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownUser } from "./shapes.ts";
import { ownName } from "./own-name.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUser.html */
export function getUser({ identity }: IamDependencies): Operation<GetUserRequest, GetUserResponse> {
  return async ({ UserName }, { caller }) => {
    const name = UserName ?? ownName(caller);
    return { User: shownUser(await identity.entities.get({ account: caller.account, kind: "user", name })) };
  };
}
