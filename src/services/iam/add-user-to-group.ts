import type { AddUserToGroupRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddUserToGroup.html */
export function addUserToGroup({ identity }: IamDependencies): Operation<AddUserToGroupRequest> {
  return async ({ GroupName = "", UserName = "" }, { caller }) => {
    const { account } = caller;
    const { name: group } = await identity.entities.get({ account, kind: "group", name: GroupName });
    await identity.entities.change({ account, kind: "user", name: UserName }, (user) => {
      const { groups = [] } = user;
      return groups.includes(group) ? user : { ...user, groups: [...groups, group] };
    });
  };
}
