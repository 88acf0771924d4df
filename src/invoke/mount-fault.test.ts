import assert from "node:assert/strict";
import { test } from "node:test";
import { FileSystemError } from "../sandbox/contract.ts";
import { mountFault } from "./mount-fault.ts";

const efs = "arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-0123456789abcdef0";
const s3 = "arn:aws:s3files:us-east-1:000000000000:file-system/fs-1/access-point/fsap-1";

for (const [fault, arn, code, status, message] of [
  [
    "failure",
    efs,
    "EFSMountFailureException",
    403,
    `The function could not mount the EFS file system with access point ${efs}.`,
  ],
  [
    "timeout",
    efs,
    "EFSMountTimeoutException",
    408,
    `The function could not mount the EFS file system with access point ${efs} due to mount time out.`,
  ],
  [
    "connectivity",
    efs,
    "EFSMountConnectivityException",
    408,
    `The function couldn't connect to the Amazon EFS file system with access point ${efs}. Check your network configuration and try again.`,
  ],
  [
    "failure",
    s3,
    "S3FilesMountFailureException",
    403,
    `The function could not mount the S3 Files file system with access point ${s3}.`,
  ],
  [
    "connectivity",
    s3,
    "S3FilesMountConnectivityException",
    408,
    /^The function couldn't connect to the Amazon S3 Files/,
  ],
] as const) {
  test(code, () => {
    const error = mountFault(new FileSystemError(fault, arn, "the operator's message"));
    assert.deepEqual([error.code, error.status], [code, status]);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
  });
}
