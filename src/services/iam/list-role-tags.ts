import type { ListRoleTagsRequest, ListRoleTagsResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownTags } from "../../identity/index.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoleTags.html */
export function listRoleTags({ identity }: IamDependencies): Operation<ListRoleTagsRequest, ListRoleTagsResponse> {
  return async ({ RoleName = "", ...page }, { caller }) => {
    const { tags } = await identity.entities.get({ account: caller.account, kind: "role", name: RoleName });
    const { items, ...rest } = pageOfList(shownTags(tags), page);
    return { Tags: items, ...rest };
  };
}
