import type { ListPolicyTagsRequest, ListPolicyTagsResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownTags } from "../../identity/index.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html */
export function listPolicyTags({
  identity,
}: IamDependencies): Operation<ListPolicyTagsRequest, ListPolicyTagsResponse> {
  return async ({ PolicyArn = "", ...page }, { caller }) => {
    const { tags } = await identity.managed.get(caller.account, PolicyArn);
    const { items, ...rest } = pageOfList(shownTags(tags), page);
    return { Tags: items, ...rest };
  };
}
