import type { ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html */
export function listInstanceProfilesForRole({
  identity,
}: IamDependencies): Operation<ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse> {
  return async ({ RoleName = "" }, { caller }) => {
    // There are no instances; who deletes a role asks all the same.
    await identity.entities.get({ account: caller.account, kind: "role", name: RoleName });
    return { InstanceProfiles: [], IsTruncated: false };
  };
}
