import type { ListUserPoliciesRequest, ListUserPoliciesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserPolicies.html */
export function listUserPolicies({
  identity,
}: IamDependencies): Operation<ListUserPoliciesRequest, ListUserPoliciesResponse> {
  return async ({ UserName = "", ...page }, { caller }) => {
    const { inline } = await identity.entities.get({ account: caller.account, kind: "user", name: UserName });
    const { items, ...rest } = pageOfList(Object.keys(inline).toSorted(), page);
    return { PolicyNames: items, ...rest };
  };
}
