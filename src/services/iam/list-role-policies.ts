import type { ListRolePoliciesRequest, ListRolePoliciesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRolePolicies.html */
export function listRolePolicies({
  identity,
}: IamDependencies): Operation<ListRolePoliciesRequest, ListRolePoliciesResponse> {
  return async ({ RoleName = "", ...page }, { caller }) => {
    const { inline } = await identity.entities.get({ account: caller.account, kind: "role", name: RoleName });
    const { items, ...rest } = pageOfList(Object.keys(inline).toSorted(), page);
    return { PolicyNames: items, ...rest };
  };
}
