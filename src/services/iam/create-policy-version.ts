import type { CreatePolicyVersionRequest, CreatePolicyVersionResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html */
export function createPolicyVersion({
  identity,
}: IamDependencies): Operation<CreatePolicyVersionRequest, CreatePolicyVersionResponse> {
  return async ({ PolicyArn = "", PolicyDocument = "", SetAsDefault = false }, { caller }) => {
    const policy = await identity.managed.addVersion(caller.account, PolicyArn, PolicyDocument, SetAsDefault);
    const made = policy.versions.at(-1);
    return {
      PolicyVersion: {
        VersionId: made?.id,
        IsDefaultVersion: SetAsDefault,
        CreateDate: new Date(made?.createdAt ?? 0),
      },
    };
  };
}
