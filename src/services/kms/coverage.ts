/** The members of KMS's inputs that are not honoured, by operation; the others are. */
import { ignored, partly, refused, type CoverageTable } from "../coverage.ts";

const locked = ignored("nobody is kept from locking themselves out; the account's root always has access");
const enclave = refused("recipients in enclaves are not built");
const stores = ignored("there are no custom key stores");

export const kmsCoverage: CoverageTable = {
  CancelKeyDeletion: {},
  CreateAlias: {},
  CreateGrant: {},
  CreateKey: {
    BypassPolicyLockoutSafetyCheck: locked,
    CustomKeyStoreId: stores,
    XksKeyId: stores,
    KeySpec: partly("SYMMETRIC_DEFAULT; others are refused"),
    CustomerMasterKeySpec: partly("SYMMETRIC_DEFAULT; others are refused"),
    KeyUsage: partly("ENCRYPT_DECRYPT; others are refused"),
    Origin: partly("AWS_KMS; others are refused"),
    MultiRegion: partly("false; true is refused"),
  },
  Decrypt: { Recipient: enclave },
  DeleteAlias: {},
  DescribeKey: {},
  DisableKey: {},
  DisableKeyRotation: {},
  EnableKey: {},
  EnableKeyRotation: {},
  Encrypt: {},
  GenerateDataKey: { Recipient: enclave },
  GenerateDataKeyWithoutPlaintext: {},
  GenerateRandom: { CustomKeyStoreId: stores, Recipient: enclave },
  GetKeyPolicy: {},
  GetKeyRotationStatus: {},
  ListAliases: {},
  ListGrants: {},
  ListKeyPolicies: {},
  ListKeyRotations: {},
  ListKeys: {},
  ListResourceTags: {},
  ListRetirableGrants: {},
  PutKeyPolicy: { BypassPolicyLockoutSafetyCheck: locked },
  ReEncrypt: {},
  RetireGrant: {},
  RevokeGrant: {},
  RotateKeyOnDemand: {},
  ScheduleKeyDeletion: {},
  TagResource: {},
  UntagResource: {},
  UpdateAlias: {},
  UpdateKeyDescription: {},
};
