/**
 * What a caller is told whose function's file system cannot be mounted, in AWS's words:
 * https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
 */
import { ServiceError } from "../base/errors.ts";
import type { FileSystemError, FileSystemFault } from "../sandbox/contract.ts";

interface Wording {
  exception: string;
  status: number;
  message: (system: string, arn: string) => string;
}

const wordings: Readonly<Record<FileSystemFault, Wording>> = {
  failure: {
    exception: "MountFailureException",
    status: 403,
    message: (system, arn) => `The function could not mount the ${system} file system with access point ${arn}.`,
  },
  timeout: {
    exception: "MountTimeoutException",
    status: 408,
    message: (system, arn) =>
      `The function could not mount the ${system} file system with access point ${arn} due to mount time out.`,
  },
  connectivity: {
    exception: "MountConnectivityException",
    status: 408,
    message: (system, arn) =>
      `The function couldn't connect to the Amazon ${system} file system with access point ${arn}. Check your network configuration and try again.`,
  },
};

export function mountFault(cause: FileSystemError): ServiceError {
  const { fault, accessPoint } = cause;
  const ofS3 = accessPoint.split(":")[2] === "s3files";
  const { exception, status, message } = wordings[fault];
  return new ServiceError(`${ofS3 ? "S3Files" : "EFS"}${exception}`, message(ofS3 ? "S3 Files" : "EFS", accessPoint), {
    status,
    cause,
  });
}
