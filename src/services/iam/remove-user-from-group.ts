import type { RemoveUserFromGroupRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveUserFromGroup.html */
export function removeUserFromGroup({ identity }: IamDependencies): Operation<RemoveUserFromGroupRequest> {
  return async ({ GroupName = "", UserName = "" }, { caller }) => {
    const { account } = caller;
    const { name: group } = await identity.entities.get({ account, kind: "group", name: GroupName });
    await identity.entities.change({ account, kind: "user", name: UserName }, (user) => ({
      ...user,
      groups: (user.groups ?? []).filter((name) => name !== group),
    }));
  };
}
