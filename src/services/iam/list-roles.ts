import type { ListRolesRequest, ListRolesResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { listedRole } from "./shapes.ts";
import { pageOf, shownPage } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export function listRoles({ identity }: IamDependencies): Operation<ListRolesRequest, ListRolesResponse> {
  return async ({ PathPrefix, ...page }, { caller }) => {
    const found = await identity.entities.list(caller.account, "role", { ...pageOf(page), pathPrefix: PathPrefix });
    const roles = await Promise.all(found.items.map((role) => identity.entities.shown(role)));
    return { Roles: roles.map(listedRole), ...shownPage(found) };
  };
}
