/** What CreateTrail and UpdateTrail take alike. */
import type { CreateTrailRequest, UpdateTrailRequest } from "@aws-sdk/client-cloudtrail";
import { invalid, unsupported } from "./errors.ts";

/** Throws ServiceError for what a trail cannot have. */
export function checkSettings(input: CreateTrailRequest | UpdateTrailRequest): void {
  const { S3BucketName: bucket, S3KeyPrefix: prefix } = input;
  // Both become parts of paths.
  if (bucket !== undefined && (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) || bucket.includes(".."))) {
    throw invalid("InvalidS3BucketNameException", `${bucket} is not the name of a bucket.`);
  }
  if (prefix !== undefined && prefix !== "" && !isPrefix(prefix)) {
    throw invalid("InvalidS3PrefixException", "The prefix must have letters, digits, and !-_.*'() in parts of a path.");
  }
  if (input.SnsTopicName !== undefined && input.SnsTopicName !== "") throw unsupported("topics of SNS");
  if (input.CloudWatchLogsLogGroupArn !== undefined && input.CloudWatchLogsLogGroupArn !== "") {
    throw unsupported("log groups");
  }
  if (input.KmsKeyId !== undefined && input.KmsKeyId !== "") throw unsupported("keys of KMS");
  if (input.IsOrganizationTrail === true) throw unsupported("organizations");
}

function isPrefix(prefix: string): boolean {
  const parts = prefix.replace(/\/$/, "").split("/");
  return prefix.length <= 200 && parts.every((part) => /^[\w!.*'()-]+$/.test(part) && part !== "." && part !== "..");
}
