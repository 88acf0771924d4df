/** Buckets as folders of a directory. What is metadata in S3 lies beside a file, under its name and `.metadata.json`. */
import { readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asideName, makeDirectory, replaceDurably } from "../../../base/durable-file.ts";
import { systemCode } from "../../../base/errors.ts";
import type { Bucket } from "./contract.ts";

const METADATA = ".metadata.json";

export function directoryBucket(dir: string): Bucket {
  return {
    async put(bucket, key, bytes, metadata) {
      const path = join(dir, bucket, key);
      // First, so that no file is there without it.
      if (Object.keys(metadata).length > 0) await write(path + METADATA, JSON.stringify(metadata));
      await write(path, bytes);
    },
    async get(bucket, key) {
      const path = join(dir, bucket, key);
      try {
        return { bytes: await readFile(path), metadata: await metadataOf(path) };
      } catch (error) {
        if (systemCode(error) === "ENOENT") return undefined;
        throw error;
      }
    },
    async *list(bucket) {
      const folder = join(dir, bucket);
      try {
        yield* (await readdir(folder, { recursive: true })).filter((name) => !name.endsWith(METADATA));
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw error;
      }
    },
    nameOf: (bucket, key) => join(dir, bucket, key),
  };
}

/** Nothing where it is gone, or no JSON: whoever needs it will miss it. */
async function metadataOf(path: string): Promise<Record<string, string>> {
  const text = await readFile(path + METADATA, "utf8").catch(() => "{}");
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    return {};
  }
}

async function write(path: string, bytes: Uint8Array | string): Promise<void> {
  await makeDirectory(dirname(path));
  await replaceDurably(join(dirname(path), `.${asideName()}`), path, bytes);
}
