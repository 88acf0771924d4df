import type { DeleteGroupRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteGroup.html */
export function deleteGroup({ identity }: IamDependencies): Operation<DeleteGroupRequest> {
  return async ({ GroupName = "" }, { caller }) => {
    await identity.entities.remove({ account: caller.account, kind: "group", name: GroupName });
  };
}
