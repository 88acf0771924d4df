import type { ListUserTagsRequest, ListUserTagsResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownTags } from "../../identity/index.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUserTags.html */
export function listUserTags({ identity }: IamDependencies): Operation<ListUserTagsRequest, ListUserTagsResponse> {
  return async ({ UserName = "", ...page }, { caller }) => {
    const { tags } = await identity.entities.get({ account: caller.account, kind: "user", name: UserName });
    const { items, ...rest } = pageOfList(shownTags(tags), page);
    return { Tags: items, ...rest };
  };
}
