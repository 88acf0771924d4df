import type { ListAccessKeysRequest, ListAccessKeysResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownKey } from "./shapes.ts";
import { pageOfList } from "./pages.ts";
import { ownName } from "./own-name.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html */
export function listAccessKeys({
  identity,
}: IamDependencies): Operation<ListAccessKeysRequest, ListAccessKeysResponse> {
  return async ({ UserName, ...page }, { caller }) => {
    const keys = await identity.accessKeys.list(caller.account, UserName ?? ownName(caller));
    const { items, ...rest } = pageOfList(keys.map(shownKey), page);
    return { AccessKeyMetadata: items, ...rest };
  };
}
