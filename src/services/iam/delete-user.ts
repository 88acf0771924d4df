import type { DeleteUserRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUser.html */
export function deleteUser({ identity }: IamDependencies): Operation<DeleteUserRequest> {
  return async ({ UserName = "" }, { caller }) => {
    await identity.entities.remove({ account: caller.account, kind: "user", name: UserName });
  };
}
