/**
 * Blobs as files: `<dir>/<sha256>`. A blob is written to `<dir>/aside/…`, synced and renamed, so that a file under a
 * content address is always whole. Putting the same bytes twice renames the same content over itself: that makes the
 * second put as durable as the first without asking whether the first one has finished.
 *
 * With a sealer the files are encrypted, under the address of the plain content. What is read is checked against that
 * address: a file that took another's place is found.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, opendir, readFile, unlink, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { explainDiskError } from "../../base/disk-error.ts";
import { asideName, emptyAside, makeDirectory, syncDirectory, writeDurably } from "../../base/durable-file.ts";
import { KilnError, systemCode } from "../../base/errors.ts";
import { type Blobs, SEAL_HEAD_BYTES, type Sealer } from "../contract.ts";

/** Bound for callers that give none: the size of the largest container image that AWS takes. */
const DEFAULT_MAX_BYTES = 10 * 1024 ** 3;
/** Bytes that are hashed in one go: about 1 ms, so that a large put does not hold up the event loop. */
const CHUNK_BYTES = 1024 * 1024;
const address = /^[0-9a-f]{64}$/;

export interface FileBlobsOptions {
  dir: string;
  /** For puts that give no bound of their own. */
  maxBytes?: number;
  /** Absent: blobs are written as they are. */
  sealer?: Sealer | undefined;
}

const CONTEXT = "blob";

/** Opens the directory for this process alone: half-written files of an earlier process are removed. */
export async function openFileBlobs(options: FileBlobsOptions): Promise<Blobs> {
  const { dir, maxBytes: defaultMaxBytes = DEFAULT_MAX_BYTES, sealer } = options;
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
      async function* counted(): AsyncGenerator<Uint8Array> {
        for await (const chunk of chunksOf(content)) {
          size += chunk.byteLength;
          if (size > maxBytes) throw new KilnError("BLOB_TOO_LARGE", `The content is larger than ${maxBytes} bytes.`);
          hash.update(chunk);
          yield chunk;
        }
      }
      const fill = async (file: FileHandle) => {
        for await (const chunk of sealer === undefined ? counted() : sealer.sealStream(counted(), CONTEXT)) {
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
      const found = await headOf(path);
      if (found === undefined) return undefined;
      const size = sealer?.clearSize(found.head, found.size);
      if (sealer === undefined || size === undefined) {
        return { size: found.size, stream: () => createReadStream(path), bytes: () => readFile(path) };
      }
      const pieces = () =>
        checked(id, sealer.openStream(createReadStream(path, { highWaterMark: CHUNK_BYTES }), CONTEXT));
      return {
        size,
        stream: () => Readable.from(pieces(), { objectMode: false }),
        bytes: () => buffer(pieces()),
      };
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

/** Size and first bytes of a file; undefined when there is none. */
async function headOf(path: string): Promise<{ size: number; head: Buffer } | undefined> {
  const file = await open(path).catch(unlessMissing);
  if (file === undefined) return undefined;
  try {
    const head = Buffer.alloc(SEAL_HEAD_BYTES);
    const [{ size }, { bytesRead }] = [await file.stat(), await file.read(head, 0, head.length, 0)];
    return { size, head: head.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}

async function* checked(id: string, content: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const piece of content) {
    hash.update(piece);
    yield piece;
  }
  if (hash.digest("hex") !== id) throw new KilnError("BLOB_DAMAGED", `The blob ${id} has the content of another one.`);
}

async function* chunksOf(content: Readable | Uint8Array): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) {
    for (let at = 0; at < content.byteLength; at += CHUNK_BYTES) yield content.subarray(at, at + CHUNK_BYTES);
    return;
  }
  for await (const chunk of content) yield typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
}
