import type { AttachUserPolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html */
export function attachUserPolicy({ identity }: IamDependencies): Operation<AttachUserPolicyRequest> {
  return async ({ UserName = "", PolicyArn = "" }, { caller }) => {
    await identity.attachments.attach({ account: caller.account, kind: "user", name: UserName }, PolicyArn);
  };
}
