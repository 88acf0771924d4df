import type { PutUserPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html */
export function putUserPolicy({ identity }: IamDependencies): Operation<PutUserPolicyRequest> {
  return async ({ UserName = "", PolicyName = "", PolicyDocument = "" }, { caller }) => {
    await identity.attachments.putInline(
      { account: caller.account, kind: "user", name: UserName },
      PolicyName,
      PolicyDocument,
    );
  };
}
