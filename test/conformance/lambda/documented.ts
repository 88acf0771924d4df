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
  TooManyRequestsException: "AWS's limits on the rate of control-plane calls protect a shared service",
  FunctionVersionsPerCapacityProviderLimitExceededException: "there are no capacity providers",
  DurableExecutionAlreadyStartedException: "there is no durable execution",
  NoPublishedVersionException: "there is no version $LATEST.PUBLISHED, which belongs to capacity providers",
  ModeNotSupportedException: "there is no isolation by tenant and no durable execution, whose mode could not fit",
  SerializedRequestEntityTooLargeException:
    "no operation answers it: asynchronous payloads are too large by their size",
  EC2AccessDeniedException: "there is no Amazon VPC",
  EC2ThrottledException: "there is no Amazon VPC",
  EC2UnexpectedException: "there is no Amazon VPC",
  ENILimitReachedException: "there is no Amazon VPC",
  InvalidSecurityGroupIDException: "there is no Amazon VPC",
  InvalidSubnetIDException: "there is no Amazon VPC",
  SubnetIPAddressLimitReachedException: "there is no Amazon VPC",
  EFSIOException: "there is no Amazon EFS",
  EFSMountConnectivityException: "there is no Amazon EFS",
  EFSMountFailureException: "there is no Amazon EFS",
  EFSMountTimeoutException: "there is no Amazon EFS",
  S3FilesMountConnectivityException: "there is no Amazon S3 Files",
  S3FilesMountFailureException: "there is no Amazon S3 Files",
  S3FilesMountTimeoutException: "there is no Amazon S3 Files",
  KMSAccessDeniedException: "there are no customer managed keys",
  KMSDisabledException: "there are no customer managed keys",
  KMSInvalidStateException: "there are no customer managed keys",
  KMSNotFoundException: "there are no customer managed keys",
  SnapStartException: "there is no SnapStart",
  SnapStartNotReadyException: "there is no SnapStart",
  SnapStartTimeoutException: "there is no SnapStart",
  SnapStartRegenerationFailureException: "there is no SnapStart",
  RecursiveInvocationException: "there is no detection of loops",
};

/** Why this operation does not answer this, while others do. */
export const notHere: Partial<Record<OperationName, Readonly<Record<string, string>>>> = {
  DeleteFunctionUrlConfig: { ResourceConflictException: "only for who loses against others many times in a row" },
  GetAccountSettings: { ServiceException: "answered from memory" },
  UpdateFunctionUrlConfig: { ResourceConflictException: "only for who loses against others many times in a row" },
};
