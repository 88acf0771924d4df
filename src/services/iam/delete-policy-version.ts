import type { DeletePolicyVersionRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html */
export function deletePolicyVersion({ identity }: IamDependencies): Operation<DeletePolicyVersionRequest> {
  return async ({ PolicyArn = "", VersionId = "" }, { caller }) => {
    await identity.managed.removeVersion(caller.account, PolicyArn, VersionId);
  };
}
