import type { UpdateAccessKeyRequest } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { ownName } from "./own-name.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html */
export function updateAccessKey({ identity }: IamDependencies): Operation<UpdateAccessKeyRequest> {
  return async ({ UserName, AccessKeyId = "", Status }, { caller }) => {
    const name = UserName ?? ownName(caller);
    await identity.accessKeys.setActive(caller.account, name, AccessKeyId, Status === "Active");
  };
}
