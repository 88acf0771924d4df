import type { GetPolicyVersionRequest, GetPolicyVersionResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { noSuchEntity } from "../../identity/index.ts";
import { encoded } from "./shapes.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html */
export function getPolicyVersion({
  identity,
}: IamDependencies): Operation<GetPolicyVersionRequest, GetPolicyVersionResponse> {
  return async ({ PolicyArn = "", VersionId = "" }, { caller }) => {
    const policy = await identity.managed.get(caller.account, PolicyArn);
    const found = policy.versions.find(({ id }) => id === VersionId);
    if (found === undefined) {
      throw noSuchEntity(`Policy ${PolicyArn} version ${VersionId} does not exist or is not attachable.`);
    }
    return {
      PolicyVersion: {
        Document: encoded(found.text),
        VersionId: found.id,
        IsDefaultVersion: policy.defaultVersion === found.id,
        CreateDate: new Date(found.createdAt),
      },
    };
  };
}
