import type { GetUserPolicyRequest, GetUserPolicyResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { noInlinePolicy } from "../../identity/index.ts";
import { encoded } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetUserPolicy.html */
export function getUserPolicy({ identity }: IamDependencies): Operation<GetUserPolicyRequest, GetUserPolicyResponse> {
  return async ({ UserName = "", PolicyName = "" }, { caller }) => {
    const entity = await identity.entities.get({ account: caller.account, kind: "user", name: UserName });
    const text = Object.hasOwn(entity.inline, PolicyName) ? entity.inline[PolicyName] : undefined;
    if (text === undefined) throw noInlinePolicy("user", PolicyName);
    return { UserName: entity.name, PolicyName, PolicyDocument: encoded(text) };
  };
}
