import type { ListUsersRequest, ListUsersResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { listedUser } from "./shapes.ts";
import { pageOf, shownPage } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
export function listUsers({ identity }: IamDependencies): Operation<ListUsersRequest, ListUsersResponse> {
  return async ({ PathPrefix, ...page }, { caller }) => {
    const found = await identity.entities.list(caller.account, "user", { ...pageOf(page), pathPrefix: PathPrefix });
    return { Users: found.items.map(listedUser), ...shownPage(found) };
  };
}
