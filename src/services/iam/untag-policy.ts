import type { UntagPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { withoutTags } from "../../identity/index.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html */
export function untagPolicy({ identity }: IamDependencies): Operation<UntagPolicyRequest> {
  return async ({ PolicyArn = "", TagKeys = [] }, { caller }) => {
    await identity.managed.change(caller.account, PolicyArn, (policy) => ({
      ...policy,
      tags: withoutTags(policy.tags, TagKeys),
    }));
  };
}
