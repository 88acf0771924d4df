import type { PutRolePermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html */
export function putRolePermissionsBoundary({
  identity,
}: IamDependencies): Operation<PutRolePermissionsBoundaryRequest> {
  return async ({ RoleName = "", PermissionsBoundary }, { caller }) => {
    await identity.entities.setBoundary({ account: caller.account, kind: "role", name: RoleName }, PermissionsBoundary);
  };
}
