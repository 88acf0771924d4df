import type { GetGroupRequest, GetGroupResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownGroup, listedUser } from "./shapes.ts";
import { pageOf, shownPage } from "./pages.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroup.html */
export function getGroup({ identity }: IamDependencies): Operation<GetGroupRequest, GetGroupResponse> {
  return async ({ GroupName = "", ...page }, { caller }) => {
    const group = await identity.entities.get({ account: caller.account, kind: "group", name: GroupName });
    const members = await identity.members(caller.account, group.name, pageOf(page));
    return { Group: shownGroup(group), Users: members.items.map(listedUser), ...shownPage(members) };
  };
}
