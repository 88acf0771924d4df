import type { SetDefaultPolicyVersionRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html */
export function setDefaultPolicyVersion({ identity }: IamDependencies): Operation<SetDefaultPolicyVersionRequest> {
  return async ({ PolicyArn = "", VersionId = "" }, { caller }) => {
    await identity.managed.setDefault(caller.account, PolicyArn, VersionId);
  };
}
