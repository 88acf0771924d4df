import type { ListAliasesRequest, ListAliasesResponse } from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation } from "../../wire/contract.ts";
import { aliasArn } from "../../kms/names.ts";
import { pageOf } from "./input.ts";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html */
export function listAliases(kms: Kms): Operation<ListAliasesRequest, ListAliasesResponse> {
  return async (input, { caller }) => {
    const { items, next } = await kms.listAliases(caller, { ...pageOf(input, 100), keyId: input.KeyId });
    return {
      Aliases: items.map((alias) => ({
        AliasName: alias.name,
        AliasArn: aliasArn(caller, alias.name),
        TargetKeyId: alias.keyId,
        CreationDate: new Date(alias.createdAt),
        LastUpdatedDate: new Date(alias.updatedAt),
      })),
      Truncated: next !== undefined,
      ...(next === undefined ? {} : { NextMarker: next }),
    };
  };
}
