import type { CreatePolicyRequest, CreatePolicyResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { tagsOf } from "../../identity/index.ts";
import { shownPolicy } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html */
export function createPolicy({ identity }: IamDependencies): Operation<CreatePolicyRequest, CreatePolicyResponse> {
  return async ({ PolicyName = "", Path, PolicyDocument = "", Description, Tags }, { caller }) => {
    const policy = await identity.managed.create({
      account: caller.account,
      name: PolicyName,
      path: Path,
      text: PolicyDocument,
      description: Description,
      tags: tagsOf(Tags),
    });
    return { Policy: shownPolicy(policy) };
  };
}
