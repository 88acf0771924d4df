import type { ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { attachedPolicies } from "./shapes.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedUserPolicies.html */
export function listAttachedUserPolicies({
  identity,
}: IamDependencies): Operation<ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse> {
  return async ({ UserName = "", PathPrefix, ...page }, { caller }) => {
    const { attached } = await identity.entities.get({ account: caller.account, kind: "user", name: UserName });
    const { items, ...rest } = pageOfList(attachedPolicies(attached, PathPrefix), page);
    return { AttachedPolicies: items, ...rest };
  };
}
