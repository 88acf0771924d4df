import type { ListKeysRequest, ListKeysResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { pageOf } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html */
export function listKeys(kms: Kms): Operation<ListKeysRequest, ListKeysResponse> {
  return async (input, { caller }) => {
    const { items, next } = await kms.list(caller, pageOf(input, 1000));
    return {
      Keys: items.map(({ key, arn }) => ({ KeyId: key.id, KeyArn: arn })),
      Truncated: next !== undefined,
      ...(next === undefined ? {} : { NextMarker: next }),
    };
  };
}
