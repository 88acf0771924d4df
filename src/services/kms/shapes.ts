/** Keys, tags and grants in the shapes of the API. */
import type { GrantListEntry, KeyMetadata, ListGrantsResponse, Tag } from "@aws-sdk/client-kms";
import type { Scope } from "../../base/scope.ts";
import type { FoundKey, GrantDocument } from "../../kms/contract.ts";
import { keyArn } from "../../kms/names.ts";
import { pageOf } from "./input.ts";

export function metadataOf({ scope, arn, key }: FoundKey): KeyMetadata {
  return {
    AWSAccountId: scope.account,
    KeyId: key.id,
    Arn: arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === "Enabled",
    Description: key.description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: key.state,
    Origin: "AWS_KMS",
    KeyManager: "CUSTOMER",
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
    ...(key.deletionAt === undefined ? {} : { DeletionDate: new Date(key.deletionAt) }),
  };
}

export function tagsOf(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ TagKey, TagValue }) => [TagKey ?? "", TagValue ?? ""]));
}

export function pageOfGrants(
  scope: Scope,
  grants: readonly GrantDocument[],
  input: { Limit?: number | undefined; Marker?: string | undefined },
): ListGrantsResponse {
  const { limit, after } = pageOf(input, 100);
  const start = after === undefined ? 0 : grants.findIndex(({ id }) => id === after) + 1;
  const shown = grants.slice(start, start + limit);
  const last = shown.at(-1);
  const more = grants.length > start + limit && last !== undefined;
  return {
    Grants: shown.map((grant) => entryOf(scope, grant)),
    Truncated: more,
    ...(more ? { NextMarker: last.id } : {}),
  };
}

function entryOf(scope: Scope, grant: GrantDocument): GrantListEntry {
  return {
    KeyId: keyArn(scope, grant.keyId),
    GrantId: grant.id,
    Name: grant.name ?? "",
    CreationDate: new Date(grant.createdAt),
    GranteePrincipal: grant.grantee,
    ...(grant.retiring === undefined ? {} : { RetiringPrincipal: grant.retiring }),
    IssuingAccount: grant.issuer,
    Operations: grant.operations as NonNullable<GrantListEntry["Operations"]>,
    ...(grant.constraints === undefined ? {} : { Constraints: grant.constraints }),
  };
}
