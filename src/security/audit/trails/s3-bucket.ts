/** Buckets of an S3-compatible store. */
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Bucket } from "./contract.ts";

/** ms that one object may take. */
const DEADLINE = 60_000;

export interface S3Options {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function s3Bucket({ endpoint, region, credentials }: S3Options): Bucket & { close(): void } {
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    maxAttempts: 3,
    ...(credentials === undefined
      ? { credentials: { accessKeyId: "", secretAccessKey: "" }, signer: { sign: async (request) => request } }
      : { credentials: { ...credentials } }),
  });
  return {
    async put(bucket, key, bytes, metadata) {
      const object = {
        Bucket: bucket,
        Key: key,
        Body: bytes,
        ContentType: "application/json",
        ContentEncoding: "gzip",
      };
      const command = new PutObjectCommand({ ...object, Metadata: { ...metadata } });
      await client.send(command, { abortSignal: AbortSignal.timeout(DEADLINE) });
    },
    close: () => client.destroy(),
  };
}
