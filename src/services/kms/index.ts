/** KMS: keys of users, in AWS's API (https://docs.aws.amazon.com/kms/latest/APIReference/). */
import * as client from "@aws-sdk/client-kms";
import type { Kms } from "../../kms/contract.ts";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import { cancelKeyDeletion } from "./cancel-key-deletion.ts";
import { createAlias } from "./create-alias.ts";
import { createGrant } from "./create-grant.ts";
import { createKey } from "./create-key.ts";
import { decrypt } from "./decrypt.ts";
import { deleteAlias } from "./delete-alias.ts";
import { describeKey } from "./describe-key.ts";
import { disableKey } from "./disable-key.ts";
import { disableKeyRotation } from "./disable-key-rotation.ts";
import { enableKey } from "./enable-key.ts";
import { enableKeyRotation } from "./enable-key-rotation.ts";
import { encrypt } from "./encrypt.ts";
import { generateDataKey } from "./generate-data-key.ts";
import { generateDataKeyWithoutPlaintext } from "./generate-data-key-without-plaintext.ts";
import { generateRandom } from "./generate-random.ts";
import { getKeyPolicy } from "./get-key-policy.ts";
import { getKeyRotationStatus } from "./get-key-rotation-status.ts";
import { listAliases } from "./list-aliases.ts";
import { listGrants } from "./list-grants.ts";
import { listKeyPolicies } from "./list-key-policies.ts";
import { listKeyRotations } from "./list-key-rotations.ts";
import { listKeys } from "./list-keys.ts";
import { listResourceTags } from "./list-resource-tags.ts";
import { listRetirableGrants } from "./list-retirable-grants.ts";
import { putKeyPolicy } from "./put-key-policy.ts";
import { reEncrypt } from "./re-encrypt.ts";
import { retireGrant } from "./retire-grant.ts";
import { revokeGrant } from "./revoke-grant.ts";
import { rotateKeyOnDemand } from "./rotate-key-on-demand.ts";
import { scheduleKeyDeletion } from "./schedule-key-deletion.ts";
import { tagResource } from "./tag-resource.ts";
import { untagResource } from "./untag-resource.ts";
import { updateAlias } from "./update-alias.ts";
import { updateKeyDescription } from "./update-key-description.ts";

export const kmsOperations = {
  CancelKeyDeletion: cancelKeyDeletion,
  CreateAlias: createAlias,
  CreateGrant: createGrant,
  CreateKey: createKey,
  Decrypt: decrypt,
  DeleteAlias: deleteAlias,
  DescribeKey: describeKey,
  DisableKey: disableKey,
  DisableKeyRotation: disableKeyRotation,
  EnableKey: enableKey,
  EnableKeyRotation: enableKeyRotation,
  Encrypt: encrypt,
  GenerateDataKey: generateDataKey,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateRandom: generateRandom,
  GetKeyPolicy: getKeyPolicy,
  GetKeyRotationStatus: getKeyRotationStatus,
  ListAliases: listAliases,
  ListGrants: listGrants,
  ListKeyPolicies: listKeyPolicies,
  ListKeyRotations: listKeyRotations,
  ListKeys: listKeys,
  ListResourceTags: listResourceTags,
  ListRetirableGrants: listRetirableGrants,
  PutKeyPolicy: putKeyPolicy,
  ReEncrypt: reEncrypt,
  RetireGrant: retireGrant,
  RevokeGrant: revokeGrant,
  RotateKeyOnDemand: rotateKeyOnDemand,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateAlias: updateAlias,
  UpdateKeyDescription: updateKeyDescription,
};

/** First element of an operation's schema in the SDK's clients. */
const OPERATION = 9;

export function kmsService({ kms }: { kms: Kms }): ServiceDefinition {
  return {
    name: "kms",
    protocol: "aws-json",
    target: "TrentService",
    schemas: Object.values(client).filter((value) => Array.isArray(value) && value[0] === OPERATION),
    operations: Object.fromEntries(
      Object.entries(kmsOperations).map(([name, create]) => [name, create(kms) as Operation]),
    ),
    constraints: {},
  };
}
