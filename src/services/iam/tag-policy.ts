import type { TagPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { tagsOf } from "../../identity/index.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html */
export function tagPolicy({ identity }: IamDependencies): Operation<TagPolicyRequest> {
  return async ({ PolicyArn = "", Tags }, { caller }) => {
    await identity.managed.change(caller.account, PolicyArn, (policy) => ({
      ...policy,
      tags: tagsOf(Tags, policy.tags),
    }));
  };
}
