/** The members of KMS's inputs that are not honoured, by operation; the others are. */
import { ignored, partly, refused, type CoverageTable } from "../coverage.ts";

const none = ignored("grants give nobody access: policies decide alone");
const locked = ignored("nobody is kept from locking himself out; the account's root always has access");
const enclave = refused("recipients in enclaves are not built");
const stores = ignored("there are no custom key stores");
const grantTokens = { GrantTokens: none };

export const kmsCoverage: CoverageTable = {
  CancelKeyDeletion: {},
  CreateAlias: {},
  CreateGrant: { ...grantTokens, GranteePrincipal: partly("kept: grants give nobody access") },
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
  Decrypt: { ...grantTokens, Recipient: enclave },
  DeleteAlias: {},
  DescribeKey: grantTokens,
  DisableKey: {},
  DisableKeyRotation: {},
  EnableKey: {},
  EnableKeyRotation: {},
  Encrypt: grantTokens,
  GenerateDataKey: { ...grantTokens, Recipient: enclave },
  GenerateDataKeyWithoutPlaintext: grantTokens,
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
  ReEncrypt: grantTokens,
  RetireGrant: {},
  RevokeGrant: {},
  RotateKeyOnDemand: {},
  ScheduleKeyDeletion: {},
  TagResource: {},
  UntagResource: {},
  UpdateAlias: {},
  UpdateKeyDescription: {},
};
