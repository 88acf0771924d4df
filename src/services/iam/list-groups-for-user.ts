import type { ListGroupsForUserRequest, ListGroupsForUserResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownGroup } from "./shapes.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListGroupsForUser.html */
export function listGroupsForUser({
  identity,
}: IamDependencies): Operation<ListGroupsForUserRequest, ListGroupsForUserResponse> {
  return async ({ UserName = "", ...page }, { caller }) => {
    const { account } = caller;
    const { groups = [] } = await identity.entities.get({ account, kind: "user", name: UserName });
    const { items, ...rest } = pageOfList(groups.toSorted(), page);
    const found = await Promise.all(items.map((name) => identity.entities.get({ account, kind: "group", name })));
    return { Groups: found.map(shownGroup), ...rest };
  };
}
