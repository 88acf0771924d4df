import type { GetGroupPolicyRequest, GetGroupPolicyResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { noInlinePolicy } from "../../identity/index.ts";
import { encoded } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetGroupPolicy.html */
export function getGroupPolicy({
  identity,
}: IamDependencies): Operation<GetGroupPolicyRequest, GetGroupPolicyResponse> {
  return async ({ GroupName = "", PolicyName = "" }, { caller }) => {
    const entity = await identity.entities.get({ account: caller.account, kind: "group", name: GroupName });
    const text = Object.hasOwn(entity.inline, PolicyName) ? entity.inline[PolicyName] : undefined;
    if (text === undefined) throw noInlinePolicy("group", PolicyName);
    return { GroupName: entity.name, PolicyName, PolicyDocument: encoded(text) };
  };
}
