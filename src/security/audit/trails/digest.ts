/**
 * Digest files: what was delivered in an hour, with the hash and the signature of the digest before.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 */
import { hash } from "node:crypto";
import { timeText } from "../record.ts";
import type { Trail } from "./contract.ts";
import type { LogFile, Progress } from "./progress.ts";

/** Members in CloudTrail's names. */
export interface Digest {
  readonly awsAccountId: string;
  readonly digestStartTime: string;
  readonly digestEndTime: string;
  readonly digestS3Bucket: string;
  readonly digestS3Object: string;
  readonly digestPublicKeyFingerprint: string;
  readonly digestSignatureAlgorithm: "SHA256withRSA";
  readonly newestEventTime: string | null;
  readonly oldestEventTime: string | null;
  readonly previousDigestS3Bucket: string | null;
  readonly previousDigestS3Object: string | null;
  readonly previousDigestHashValue: string | null;
  readonly previousDigestHashAlgorithm: "SHA-256" | null;
  readonly previousDigestSignature: string | null;
  readonly logFiles: readonly DigestedFile[];
}

export interface DigestedFile {
  readonly s3Bucket: string;
  readonly s3Object: string;
  readonly hashValue: string;
  readonly hashAlgorithm: "SHA-256";
  readonly newestEventTime: string;
  readonly oldestEventTime: string;
}

export function digestOf(trail: Trail, progress: Progress, key: string, end: number, fingerprint: string): Digest {
  const { files, last, start } = progress;
  return {
    awsAccountId: trail.account,
    digestStartTime: timeText(start),
    digestEndTime: timeText(end),
    digestS3Bucket: trail.bucket,
    digestS3Object: key,
    digestPublicKeyFingerprint: fingerprint,
    digestSignatureAlgorithm: "SHA256withRSA",
    newestEventTime:
      files
        .map(({ newest }) => newest)
        .toSorted()
        .at(-1) ?? null,
    oldestEventTime: files.map(({ oldest }) => oldest).toSorted()[0] ?? null,
    previousDigestS3Bucket: last?.bucket ?? null,
    previousDigestS3Object: last?.key ?? null,
    previousDigestHashValue: last?.hash ?? null,
    previousDigestHashAlgorithm: last === undefined ? null : "SHA-256",
    previousDigestSignature: last?.signature ?? null,
    logFiles: files.map((file) => digestedFile(trail.bucket, file)),
  };
}

function digestedFile(bucket: string, { key, hash: hashValue, newest, oldest }: LogFile): DigestedFile {
  return {
    s3Bucket: bucket,
    s3Object: key,
    hashValue,
    hashAlgorithm: "SHA-256",
    newestEventTime: newest,
    oldestEventTime: oldest,
  };
}

/** What is signed of a digest: `content` is the file as it was before it was compressed. */
export function textToSign(digest: Digest, content: Uint8Array): string {
  const { digestEndTime, digestS3Bucket, digestS3Object, previousDigestSignature } = digest;
  const place = `${digestS3Bucket}/${digestS3Object}`;
  return [digestEndTime, place, hash("sha256", content, "hex"), previousDigestSignature ?? "null"].join("\n");
}
