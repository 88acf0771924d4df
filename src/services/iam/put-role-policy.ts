import type { PutRolePolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html */
export function putRolePolicy({ identity }: IamDependencies): Operation<PutRolePolicyRequest> {
  return async ({ RoleName = "", PolicyName = "", PolicyDocument = "" }, { caller }) => {
    await identity.attachments.putInline(
      { account: caller.account, kind: "role", name: RoleName },
      PolicyName,
      PolicyDocument,
    );
  };
}
