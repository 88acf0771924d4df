import type { ListPolicyVersionsRequest, ListPolicyVersionsResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { pageOfList } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html */
export function listPolicyVersions({
  identity,
}: IamDependencies): Operation<ListPolicyVersionsRequest, ListPolicyVersionsResponse> {
  return async ({ PolicyArn = "", ...page }, { caller }) => {
    const { versions, defaultVersion } = await identity.managed.get(caller.account, PolicyArn);
    const { items, ...rest } = pageOfList(versions.toReversed(), page);
    const shown = items.map(({ id, createdAt }) => ({
      VersionId: id,
      IsDefaultVersion: id === defaultVersion,
      CreateDate: new Date(createdAt),
    }));
    return { Versions: shown, ...rest };
  };
}
