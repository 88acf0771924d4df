import type { UntagRoleRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { withoutTags } from "../../identity/index.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagRole.html */
export function untagRole({ identity }: IamDependencies): Operation<UntagRoleRequest> {
  return async ({ RoleName = "", TagKeys = [] }, { caller }) => {
    await identity.entities.change({ account: caller.account, kind: "role", name: RoleName }, (entity) => ({
      ...entity,
      tags: withoutTags(entity.tags, TagKeys),
    }));
  };
}
