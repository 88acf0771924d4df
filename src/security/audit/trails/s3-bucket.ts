/** Buckets of an S3-compatible store. */
import {
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchBucket,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import type { Bucket } from "./contract.ts";

/** ms that one object may take. */
const DEADLINE = 60_000;

/** Of one object: more than a trail writes. */
const MAX_BYTES = 64 * 1024 * 1024;

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
    async get(bucket, key) {
      const abortSignal = AbortSignal.timeout(DEADLINE);
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const { Body, ContentLength, Metadata = {} } = await client.send(command, { abortSignal });
        if ((ContentLength ?? 0) > MAX_BYTES) throw new RangeError(`${key} is larger than ${MAX_BYTES} bytes`);
        return { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), metadata: Metadata };
      } catch (error) {
        if (error instanceof NoSuchKey || error instanceof NoSuchBucket) return undefined;
        throw error;
      }
    },
    async *list(bucket) {
      let token: string | undefined;
      do {
        const command = new ListObjectsV2Command({
          Bucket: bucket,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        });
        const page = await client.send(command, { abortSignal: AbortSignal.timeout(DEADLINE) });
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    nameOf: (bucket, key) => `s3://${bucket}/${key}`,
    close: () => client.destroy(),
  };
}
