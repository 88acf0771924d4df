import type { ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { attachedPolicies } from "./shapes.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAttachedRolePolicies.html */
export function listAttachedRolePolicies({
  identity,
}: IamDependencies): Operation<ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse> {
  return async ({ RoleName = "", PathPrefix, ...page }, { caller }) => {
    const { attached } = await identity.entities.get({ account: caller.account, kind: "role", name: RoleName });
    const { items, ...rest } = pageOfList(attachedPolicies(attached, PathPrefix), page);
    return { AttachedPolicies: items, ...rest };
  };
}
