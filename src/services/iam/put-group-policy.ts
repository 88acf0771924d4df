import type { PutGroupPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutGroupPolicy.html */
export function putGroupPolicy({ identity }: IamDependencies): Operation<PutGroupPolicyRequest> {
  return async ({ GroupName = "", PolicyName = "", PolicyDocument = "" }, { caller }) => {
    await identity.attachments.putInline(
      { account: caller.account, kind: "group", name: GroupName },
      PolicyName,
      PolicyDocument,
    );
  };
}
