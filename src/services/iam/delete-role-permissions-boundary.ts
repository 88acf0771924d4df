import type { DeleteRolePermissionsBoundaryRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html */
export function deleteRolePermissionsBoundary({
  identity,
}: IamDependencies): Operation<DeleteRolePermissionsBoundaryRequest> {
  return async ({ RoleName = "" }, { caller }) => {
    await identity.entities.setBoundary({ account: caller.account, kind: "role", name: RoleName }, undefined);
  };
}
