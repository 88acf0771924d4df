import type { TagRoleRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { tagsOf } from "../../identity/index.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagRole.html */
export function tagRole({ identity }: IamDependencies): Operation<TagRoleRequest> {
  return async ({ RoleName = "", Tags }, { caller }) => {
    await identity.entities.change({ account: caller.account, kind: "role", name: RoleName }, (entity) => ({
      ...entity,
      tags: tagsOf(Tags, entity.tags),
    }));
  };
}
