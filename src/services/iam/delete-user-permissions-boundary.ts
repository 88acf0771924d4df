import type { DeleteUserPermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteUserPermissionsBoundary.html */
export function deleteUserPermissionsBoundary({
  identity,
}: IamDependencies): Operation<DeleteUserPermissionsBoundaryRequest> {
  return async ({ UserName = "" }, { caller }) => {
    await identity.entities.setBoundary({ account: caller.account, kind: "user", name: UserName }, undefined);
  };
}
