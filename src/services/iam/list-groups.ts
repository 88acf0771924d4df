import type { ListGroupsRequest, ListGroupsResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownGroup } from "./shapes.ts";
import { pageOf, shownPage } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroups.html */
export function listGroups({ identity }: IamDependencies): Operation<ListGroupsRequest, ListGroupsResponse> {
  return async ({ PathPrefix, ...page }, { caller }) => {
    const found = await identity.entities.list(caller.account, "group", { ...pageOf(page), pathPrefix: PathPrefix });
    return { Groups: found.items.map(shownGroup), ...shownPage(found) };
  };
}
