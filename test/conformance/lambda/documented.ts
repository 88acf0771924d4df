/** The exceptions that the official client documents for an operation, and those that Kiln never answers. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { OperationName } from "./good-case.ts";

const types = join(
  dirname(createRequire(import.meta.url).resolve("@aws-sdk/client-lambda/package.json")),
  "dist-types",
);

/** Names, without the base class of all. */
export function documentedExceptions(operation: OperationName): string[] {
  const text = readFileSync(join(types, `commands/${operation}Command.d.ts`), "utf8");
  return [...text.matchAll(/@throws \{@link (\w+)\}/g)]
    .map((match) => match[1] ?? "")
    .filter((name) => name !== "LambdaServiceException");
}

/** Why nothing answers this, whatever the operation. */
export const nowhere: Readonly<Record<string, string>> = {
  ServiceException: "answered for faults by every operation that reads the disk, which has tests of its own",
  TooManyRequestsException: "AWS's limits on the rate of control-plane calls protect a shared service",
  FunctionVersionsPerCapacityProviderLimitExceededException: "there are no capacity providers",
  DurableExecutionAlreadyStartedException: "there is no durable execution",
  NoPublishedVersionException: "there is no version $LATEST.PUBLISHED, which belongs to capacity providers",
  ModeNotSupportedException:
    "there is no durable execution, whose mode could not fit; AWS answers InvalidParameterValueException where a tenant id is missing: test/integration/tenants.test.ts",
  SerializedRequestEntityTooLargeException:
    "no operation answers it: asynchronous payloads are too large by their size",
  EC2AccessDeniedException: "there is no Amazon VPC",
  EC2ThrottledException: "there is no Amazon VPC",
  EC2UnexpectedException: "there is no Amazon VPC",
  ENILimitReachedException: "there is no Amazon VPC",
  InvalidSecurityGroupIDException: "networks are in test/isolation/network-vpc.test.ts",
  InvalidSubnetIDException: "networks are in test/isolation/network-vpc.test.ts",
  SubnetIPAddressLimitReachedException: "there is no Amazon VPC",
  EFSIOException: "access points are directories of the host, whose errors the function itself hears",
  EFSMountConnectivityException: "src/sandbox/host/nfs.test.ts, src/invoke/mount-fault.test.ts",
  EFSMountFailureException: "test/integration/file-systems.test.ts",
  EFSMountTimeoutException: "src/sandbox/host/nfs.test.ts, src/invoke/mount-fault.test.ts",
  S3FilesMountConnectivityException: "src/sandbox/host/nfs.test.ts, src/invoke/mount-fault.test.ts",
  S3FilesMountFailureException: "test/integration/file-systems.test.ts",
  S3FilesMountTimeoutException: "src/sandbox/host/nfs.test.ts, src/invoke/mount-fault.test.ts",
  KMSAccessDeniedException: "keys of users are in test/kms/function-keys",
  KMSDisabledException: "keys of users are in test/kms/function-keys",
  KMSInvalidStateException: "keys of users are in test/kms/function-keys",
  KMSNotFoundException: "keys of users are in test/kms/function-keys",
  SnapStartException: "there is no SnapStart",
  SnapStartNotReadyException: "there is no SnapStart",
  SnapStartTimeoutException: "there is no SnapStart",
  SnapStartRegenerationFailureException: "there is no SnapStart",
  RecursiveInvocationException: "test/integration/recursion.test.ts",
  AliasLimitExceededException: "aliases are not limited in number",
  InvalidCodeSignatureException: "signatures are not looked at: code is trusted or not, by the configuration alone",
  PublicPolicyException: "there is no blocking of policies for everybody",
  CodeArtifactUserDeletedException: "functions have no such user",
  CodeArtifactUserFailedException: "functions have no such user",
  CodeArtifactUserPendingException: "functions have no such user",
  ENINotReadyException: "there is no Amazon VPC",
  ResourceNotReadyException: "there is no Amazon VPC, and no function becomes inactive",
  ResourceInUseException: "nothing but callers who lose against others many times in a row holds a mapping",
};

const lostRaces = { ResourceConflictException: "only for who loses against others many times in a row" };
const byTheModel = { InvalidParameterValueException: "the rules of the model refuse first" };
const calls = {
  InvalidRuntimeException: "test/lambda/directory.test.ts",
  InvalidZipFileException: "the zip was checked when it came, and a function that could not be prepared is not called",
  RequestTooLargeException: "AWS answers RequestEntityTooLargeException: test/wire/bounds.test.ts",
  ServiceQuotaExceededException: "throttling is the only quota of calls",
  UnsupportedMediaTypeException: "events are JSON, whatever their content type says",
};
const stillThere = { CodeSigningConfigNotFoundException: "a configuration that a function uses cannot be deleted" };

/** Why this operation does not answer this, while others do; or which test has it, where no table can. */
export const notHere: Partial<Record<OperationName, Readonly<Record<string, string>>>> = {
  AddLayerVersionPermission: { PolicyLengthExceededException: "test/lambda/layers.test.ts" },
  AddPermission: { PolicyLengthExceededException: "test/lambda/policies.test.ts" },
  DeleteAlias: lostRaces,
  DeleteCodeSigningConfig: byTheModel,
  DeleteEventSourceMapping: { ...byTheModel, ResourceConflictException: "a mapping may go at any time" },
  DeleteFunctionCodeSigningConfig: { ...lostRaces, ...stillThere },
  DeleteFunctionConcurrency: lostRaces,
  DeleteFunctionEventInvokeConfig: lostRaces,
  DeleteFunctionUrlConfig: lostRaces,
  DeleteLayerVersion: { ResourceNotFoundException: "removing what is not there is no error" },
  DeleteProvisionedConcurrencyConfig: lostRaces,
  DeleteResourcePolicy: { ...lostRaces, ...byTheModel, PreconditionFailedException: "test/lambda/policies.test.ts" },
  GetAccountSettings: { ServiceException: "answered from memory" },
  GetCodeSigningConfig: byTheModel,
  GetEventSourceMapping: byTheModel,
  GetFunctionCodeSigningConfig: stillThere,
  GetFunctionRecursionConfig: byTheModel,
  GetResourcePolicy: byTheModel,
  Invoke: calls,
  InvokeAsync: {
    InvalidRuntimeException: "test/lambda/directory.test.ts: resolved as for Invoke",
    ServiceQuotaExceededException: "throttling is the only quota of calls",
  },
  InvokeWithResponseStream: calls,
  PutFunctionCodeSigningConfig: lostRaces,
  PutFunctionConcurrency: lostRaces,
  PutFunctionEventInvokeConfig: lostRaces,
  PutFunctionRecursionConfig: { ...lostRaces, ...byTheModel },
  PutProvisionedConcurrencyConfig: { ResourceConflictException: "test/lambda/provisioned.test.ts" },
  PutResourcePolicy: lostRaces,
  PutRuntimeManagementConfig: lostRaces,
  RemovePermission: { PreconditionFailedException: "test/lambda/policies.test.ts" },
  TagResource: lostRaces,
  UntagResource: lostRaces,
  UpdateAlias: lostRaces,
  UpdateCodeSigningConfig: byTheModel,
  UpdateEventSourceMapping: { ResourceConflictException: "test/lambda/mappings.test.ts" },
  UpdateFunctionCode: stillThere,
  UpdateFunctionConfiguration: {
    ...stillThere,
    CodeVerificationFailedException: "configurations bring no code; layers are not held against signatures",
  },
  UpdateFunctionEventInvokeConfig: lostRaces,
  UpdateFunctionUrlConfig: lostRaces,
};
