import type { ListPoliciesRequest, ListPoliciesResponse } from "@aws-sdk/client-iam";
import { allPolicies } from "./all-policies.ts";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownPolicy } from "./shapes.ts";
import { pageOf, shownPage } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html */
export function listPolicies({ identity }: IamDependencies): Operation<ListPoliciesRequest, ListPoliciesResponse> {
  return async ({ Scope = "All", OnlyAttached = false, PathPrefix, ...page }, { caller }) => {
    const found = await allPolicies(identity, caller.account, {
      ...pageOf(page),
      pathPrefix: PathPrefix,
      onlyAttached: OnlyAttached,
      scope: Scope,
    });
    return { Policies: found.items.map(shownPolicy), ...shownPage(found) };
  };
}
