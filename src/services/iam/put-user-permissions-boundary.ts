import type { PutUserPermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPermissionsBoundary.html */
export function putUserPermissionsBoundary({
  identity,
}: IamDependencies): Operation<PutUserPermissionsBoundaryRequest> {
  return async ({ UserName = "", PermissionsBoundary }, { caller }) => {
    await identity.entities.setBoundary({ account: caller.account, kind: "user", name: UserName }, PermissionsBoundary);
  };
}
