/**
 * Blobs as files: `<dir>/<sha256>`. A blob is written to `<dir>/aside/…`, synced and renamed, so that a file under a
 * content address is always whole. Putting the same bytes twice renames the same content over itself: that makes the
 * second put as durable as the first without asking whether the first one has finished.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { opendir, readFile, stat, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { explainDiskError } from "../../base/disk-error.ts";
import { asideName, emptyAside, makeDirectory, syncDirectory, writeDurably } from "../../base/durable-file.ts";
import { KilnError, systemCode } from "../../base/errors.ts";
import type { Blobs } from "../contract.ts";

/** Bound for callers that give none: the size of the largest container image that AWS takes. */
const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;
/** Bytes that are hashed in one go: about 1 ms, so that a large put does not hold up the event loop. */
const CHUNK_BYTES = 1024 * 1024;
const address = /^[0-9a-f]{64}$/;

export interface FileBlobsOptions {
  dir: string;
  /** For puts that give no bound of their own. */
  maxBytes?: number;
}

/** Opens the directory for this process alone: half-written files of an earlier process are removed. */
export async function openFileBlobs(options: FileBlobsOptions): Promise<Blobs> {
  const { dir, maxBytes: defaultMaxBytes = DEFAULT_MAX_BYTES } = options;
  const aside = join(dir, "aside");
  try {
    await makeDirectory(dir);
    await emptyAside(aside);
  } catch (error) {
    throw explainDiskError(error, `open the blobs in ${dir}`);
  }
  const pathOf = (id: string): string | undefined => (address.test(id) ? join(dir, id) : undefined);

  return {
    async put(content, { maxBytes = defaultMaxBytes } = {}) {
      const hash = createHash("sha256");
      let size = 0;
      let id = "";
      const fill = async (file: FileHandle) => {
        for await (const chunk of chunksOf(content)) {
          size += chunk.byteLength;
          if (size > maxBytes) throw new KilnError("BLOB_TOO_LARGE", `The content is larger than ${maxBytes} bytes.`);
          hash.update(chunk);
          await file.writeFile(chunk);
        }
        id = hash.digest("hex");
      };
      try {
        await writeDurably(join(aside, asideName()), fill, () => join(dir, id));
      } catch (error) {
        throw explainDiskError(error, `write a blob in ${dir}`);
      }
      return { id, size };
    },

    async get(id) {
      const path = pathOf(id);
      if (path === undefined) return undefined;
      const found = await stat(path).catch(unlessMissing);
      if (found === undefined) return undefined;
      return { size: found.size, stream: () => createReadStream(path), bytes: () => readFile(path) };
    },

    async delete(id) {
      const path = pathOf(id);
      if (path === undefined) return false;
      const removed = await unlink(path).then(() => true, unlessMissing);
      if (removed === true) await syncDirectory(dir);
      return removed === true;
    },

    async *list() {
      for await (const entry of await opendir(dir)) if (address.test(entry.name)) yield entry.name;
    },
  };
}

function unlessMissing(error: unknown): undefined {
  if (systemCode(error) !== "ENOENT") throw error;
}

async function* chunksOf(content: Readable | Uint8Array): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    for (let at = 0; at < content.byteLength; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES);
    return;
  }
  for await (const chunk of content) yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
}
