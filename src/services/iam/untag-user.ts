import type { UntagUserRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { withoutTags } from "../../identity/index.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagUser.html */
export function untagUser({ identity }: IamDependencies): Operation<UntagUserRequest> {
  return async ({ UserName = "", TagKeys = [] }, { caller }) => {
    await identity.entities.change({ account: caller.account, kind: "user", name: UserName }, (entity) => ({
      ...entity,
      tags: withoutTags(entity.tags, TagKeys),
    }));
  };
}
