import type { ListGroupPoliciesRequest, ListGroupPoliciesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupPolicies.html */
export function listGroupPolicies({
  identity,
}: IamDependencies): Operation<ListGroupPoliciesRequest, ListGroupPoliciesResponse> {
  return async ({ GroupName = "", ...page }, { caller }) => {
    const { inline } = await identity.entities.get({ account: caller.account, kind: "group", name: GroupName });
    const { items, ...rest } = pageOfList(Object.keys(inline).toSorted(), page);
    return { PolicyNames: items, ...rest };
  };
}
