/** Where the files of trails go. The client of S3 is loaded by those who have use for it. */
import { KilnError } from "../../../base/errors.ts";
import type { Bucket } from "./contract.ts";
import { directoryBucket } from "./directory-bucket.ts";
import type { S3Options } from "./s3-bucket.ts";

export interface BucketsOptions {
  /** `bucketsDir`: the folders in it are the buckets; undefined: the object store has them. */
  readonly audit: { readonly bucketsDir: string | undefined };
  readonly objectStore: S3Options | undefined;
}

/** Throws KilnError CONFIG_INVALID. */
export async function openBuckets({ audit, objectStore }: BucketsOptions): Promise<Bucket & { close(): void }> {
  if (audit.bucketsDir !== undefined) return { ...directoryBucket(audit.bucketsDir), close: () => undefined };
  if (objectStore === undefined) {
    throw new KilnError("CONFIG_INVALID", "KILN_AUDIT_BUCKETS is s3, and there is no KILN_S3_ENDPOINT.", {
      hint: "Name the store, or give a directory.",
    });
  }
  const { s3Bucket } = await import("./s3-bucket.ts");
  return s3Bucket(objectStore);
}
