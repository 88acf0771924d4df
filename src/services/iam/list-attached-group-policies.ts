import type { ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { attachedPolicies } from "./shapes.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedGroupPolicies.html */
export function listAttachedGroupPolicies({
  identity,
}: IamDependencies): Operation<ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse> {
  return async ({ GroupName = "", PathPrefix, ...page }, { caller }) => {
    const { attached } = await identity.entities.get({ account: caller.account, kind: "group", name: GroupName });
    const { items, ...rest } = pageOfList(attachedPolicies(attached, PathPrefix), page);
    return { AttachedPolicies: items, ...rest };
  };
}
