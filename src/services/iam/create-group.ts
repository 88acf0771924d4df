import type { CreateGroupRequest, CreateGroupResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownGroup } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateGroup.html */
export function createGroup({ identity }: IamDependencies): Operation<CreateGroupRequest, CreateGroupResponse> {
  return async ({ GroupName = "", Path }, { caller }) => {
    const group = await identity.entities.create({
      account: caller.account,
      kind: "group",
      name: GroupName,
      path: Path,
    });
    return { Group: shownGroup(group) };
  };
}
