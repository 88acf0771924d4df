import type { TagUserRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { tagsOf } from "../../identity/index.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagUser.html */
export function tagUser({ identity }: IamDependencies): Operation<TagUserRequest> {
  return async ({ UserName = "", Tags }, { caller }) => {
    await identity.entities.change({ account: caller.account, kind: "user", name: UserName }, (entity) => ({
      ...entity,
      tags: tagsOf(Tags, entity.tags),
    }));
  };
}
