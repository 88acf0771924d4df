/**
 * What each operation of KMS needs. An alias stands for its key.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
import type { Scope } from "../../base/scope.ts";
import type { EncryptionContext, GrantDocument, GrantUse, Kms } from "../../kms/contract.ts";
import { aliasArn, keyArn } from "../../kms/names.ts";
import type { Permission, PermissionsOf, PermissionTable } from "../../security/contract.ts";

type Input = Readonly<Record<string, unknown>>;

function text(input: Input, member: string): string {
  const value = input[member];
  return typeof value === "string" ? value : "";
}

function contextKeys(input: Input, member = "EncryptionContext"): Record<string, string | readonly string[]> {
  const context = contextOf(input, member);
  const names = Object.keys(context);
  return {
    ...Object.fromEntries(names.map((name) => [`kms:encryptioncontext:${name.toLowerCase()}`, context[name] ?? ""])),
    ...(names.length === 0 ? {} : { "kms:encryptioncontextkeys": names }),
  };
}

function contextOf(input: Input, member = "EncryptionContext"): EncryptionContext {
  return (input[member] ?? {}) as EncryptionContext;
}

function permission(action: string, resource: string, input: Input): Permission {
  const onKey = resource.includes(":key/");
  return { action: `kms:${action}`, resource, keys: contextKeys(input), ownPolicy: onKey, policyRequired: onKey };
}

const onNothing =
  (action: string): PermissionsOf =>
  (input) => [permission(action, "*", input)];

export function kmsPermissions(kms: Kms): PermissionTable {
  async function arnOf(caller: Scope, keyId: string): Promise<string> {
    return (await kms.find(caller, keyId)).arn;
  }

  const onKey =
    (action: string): PermissionsOf =>
    async (input, { caller }) => [permission(action, await arnOf(caller, text(input, "KeyId")), input)];

  /** What grants can be about. */
  async function granted(operation: string, arn: string, input: Input, more?: Partial<GrantUse>): Promise<Permission> {
    const use: GrantUse = { operation, ...more };
    return { ...permission(operation, arn, input), grantees: await kms.granteesOf(arn, use) };
  }

  const withContext =
    (operation: string): PermissionsOf =>
    async (input, { caller }) => [
      await granted(operation, await arnOf(caller, text(input, "KeyId")), input, { context: contextOf(input) }),
    ];

  const onAlias =
    (action: string): PermissionsOf =>
    async (input, { caller }) => {
      const name = text(input, "AliasName");
      const target = text(input, "TargetKeyId");
      const now = action === "CreateAlias" ? [] : await kms.find(caller, name).then(({ arn }) => [arn]);
      const next = target === "" ? [] : [await arnOf(caller, target)];
      const resources = new Set([aliasArn(caller, name), ...now, ...next]);
      return [...resources].map((resource) => permission(action, resource, input));
    };

  /** The key that the ciphertext names; one that is no ciphertext is refused by the operation itself. */
  function source(input: Input, caller: Scope, member: string): Promise<string> | string {
    const keyId = text(input, member);
    if (keyId !== "") return arnOf(caller, keyId);
    const blob = input["CiphertextBlob"];
    const id = blob instanceof Uint8Array ? kms.keyOf(blob) : undefined;
    return id === undefined ? "*" : keyArn(caller, id);
  }

  return {
    CreateKey: onNothing("CreateKey"),
    ListKeys: onNothing("ListKeys"),
    ListAliases: onNothing("ListAliases"),
    GenerateRandom: onNothing("GenerateRandom"),
    ListRetirableGrants: onNothing("ListRetirableGrants"),
    CreateAlias: onAlias("CreateAlias"),
    UpdateAlias: onAlias("UpdateAlias"),
    DeleteAlias: onAlias("DeleteAlias"),
    Decrypt: async (input, { caller }) => [
      await granted("Decrypt", await source(input, caller, "KeyId"), input, { context: contextOf(input) }),
    ],
    ReEncrypt: async (input, { caller }) => [
      await granted("ReEncryptFrom", await source(input, caller, "SourceKeyId"), input, {
        context: contextOf(input, "SourceEncryptionContext"),
      }),
      await granted("ReEncryptTo", await arnOf(caller, text(input, "DestinationKeyId")), input, {
        context: contextOf(input, "DestinationEncryptionContext"),
      }),
    ],
    /** Whom the grant names for it may, and whose policies say so. */
    RetireGrant: async (input, { caller }) => {
      const [keyId, grantId] = [text(input, "KeyId"), text(input, "GrantId")];
      const token = text(input, "GrantToken");
      const found = await kms.findGrant(caller, token === "" ? { keyId, grantId } : { token });
      if (found === undefined) return [permission("RetireGrant", "*", input)];
      const { retiring, grantee, operations } = found.grant;
      const named = [
        ...(retiring === undefined ? [] : [retiring]),
        ...(operations.includes("RetireGrant") ? [grantee] : []),
      ];
      return [{ ...permission("RetireGrant", found.arn, input), grantees: named }];
    },
    CancelKeyDeletion: onKey("CancelKeyDeletion"),
    CreateGrant: async (input, { caller }) => {
      const operations = (input["Operations"] ?? []) as readonly string[];
      const constraints = (input["Constraints"] ?? {}) as NonNullable<GrantDocument["constraints"]>;
      const arn = await arnOf(caller, text(input, "KeyId"));
      return [await granted("CreateGrant", arn, input, { handedOn: { operations, constraints } })];
    },
    DescribeKey: async (input, { caller }) => [
      await granted("DescribeKey", await arnOf(caller, text(input, "KeyId")), input),
    ],
    DisableKey: onKey("DisableKey"),
    DisableKeyRotation: onKey("DisableKeyRotation"),
    EnableKey: onKey("EnableKey"),
    EnableKeyRotation: onKey("EnableKeyRotation"),
    Encrypt: withContext("Encrypt"),
    GenerateDataKey: withContext("GenerateDataKey"),
    GenerateDataKeyWithoutPlaintext: withContext("GenerateDataKeyWithoutPlaintext"),
    GetKeyPolicy: onKey("GetKeyPolicy"),
    GetKeyRotationStatus: onKey("GetKeyRotationStatus"),
    ListGrants: onKey("ListGrants"),
    ListKeyPolicies: onKey("ListKeyPolicies"),
    ListKeyRotations: onKey("ListKeyRotations"),
    ListResourceTags: onKey("ListResourceTags"),
    PutKeyPolicy: onKey("PutKeyPolicy"),
    RevokeGrant: onKey("RevokeGrant"),
    RotateKeyOnDemand: onKey("RotateKeyOnDemand"),
    ScheduleKeyDeletion: onKey("ScheduleKeyDeletion"),
    TagResource: onKey("TagResource"),
    UntagResource: onKey("UntagResource"),
    UpdateKeyDescription: onKey("UpdateKeyDescription"),
  };
}
