import type { CreateAccessKeyRequest, CreateAccessKeyResponse } from "@aws-sdk/client-iam";
import type { Operation } from "../../wire/contract.ts";
import type { IamDependencies } from "./dependencies.ts";
import { shownKey } from "./shapes.ts";
import { ownName } from "./own-name.ts";

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html */
export function createAccessKey({
  identity,
}: IamDependencies): Operation<CreateAccessKeyRequest, CreateAccessKeyResponse> {
  return async ({ UserName }, { caller }) => {
    const key = await identity.accessKeys.create(caller.account, UserName ?? ownName(caller));
    return { AccessKey: { ...shownKey(key), SecretAccessKey: key.secretAccessKey } };
  };
}
