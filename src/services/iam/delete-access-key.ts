import type { DeleteAccessKeyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { ownName } from "./own-name.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccessKey.html */
export function deleteAccessKey({ identity }: IamDependencies): Operation<DeleteAccessKeyRequest> {
  return async ({ UserName, AccessKeyId = "" }, { caller }) => {
    await identity.accessKeys.remove(caller.account, UserName ?? ownName(caller), AccessKeyId);
  };
}
