import type { GetRolePolicyRequest, GetRolePolicyResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { noInlinePolicy } from "../../identity/index.ts";
import { encoded } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export function getRolePolicy({ identity }: IamDependencies): Operation<GetRolePolicyRequest, GetRolePolicyResponse> {
  return async ({ RoleName = "", PolicyName = "" }, { caller }) => {
    const entity = await identity.entities.get({ account: caller.account, kind: "role", name: RoleName });
    const text = Object.hasOwn(entity.inline, PolicyName) ? entity.inline[PolicyName] : undefined;
    if (text === undefined) throw noInlinePolicy("role", PolicyName);
    return { RoleName: entity.name, PolicyName, PolicyDocument: encoded(text) };
  };
}
