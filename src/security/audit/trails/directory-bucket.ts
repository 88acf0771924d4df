/** Buckets as folders of a directory. What is metadata in S3 lies beside a file, under its name and `.metadata.json`. */
import { dirname, join } from "node:path";
import { asideName, makeDirectory, writeDurably } from "../../../base/durable-file.ts";
import type { Bucket } from "./contract.ts";

export const METADATA = ".metadata.json";

export function directoryBucket(dir: string): Bucket {
  return {
    async put(bucket, key, bytes, metadata) {
      const path = join(dir, bucket, key);
      // First, so that no file is there without it.
      if (Object.keys(metadata).length > 0) await write(path + METADATA, JSON.stringify(metadata));
      await write(path, bytes);
    },
  };
}

async function write(path: string, bytes: Uint8Array | string): Promise<void> {
  await makeDirectory(dirname(path));
  await writeDurably(
    join(dirname(path), `.${asideName()}`),
    (file) => file.writeFile(bytes),
    () => path,
  );
}
