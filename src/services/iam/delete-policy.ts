import type { DeletePolicyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html */
export function deletePolicy({ identity }: IamDependencies): Operation<DeletePolicyRequest> {
  return async ({ PolicyArn = "" }, { caller }) => {
    await identity.managed.remove(caller.account, PolicyArn);
  };
}
