/** The embedded store: one SQLite file for documents and queues, and a directory of files for blobs. */
import { join } from "node:path";
import { systemClock, type Clock } from "../../base/clock.ts";
import { explainDiskError } from "../../base/disk-error.ts";
import { makeDirectory } from "../../base/durable-file.ts";
import type { Sealer, Store } from "../contract.ts";
import { openFileBlobs } from "../files/blobs.ts";
import { sealedDocuments } from "../sealed/documents.ts";
import { sealedQueue } from "../sealed/queue.ts";
import { openReader } from "./database.ts";
import { sqliteDocuments } from "./documents.ts";
import { startWriter } from "./group-commit.ts";
import { sqliteQueue } from "./queue.ts";

export interface SqliteStoreOptions {
  /** Belongs to this process alone: see `lockStateDirectory`. */
  dir: string;
  /** For tests that move time. */
  clock?: Clock;
  /** Bound of a blob whose put gives none. */
  maxBlobBytes?: number;
  /** Encrypts all that is written; names and times stay readable. Absent: nothing is encrypted. */
  sealer?: Sealer;
}

/** Throws KilnError `STORE_…` or `DISK_…` when the directory cannot be opened. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { dir, clock = systemClock, maxBlobBytes, sealer } = options;
  try {
    await makeDirectory(dir);
  } catch (error) {
    throw explainDiskError(error, `open the store in ${dir}`);
  }
  const blobs = await openFileBlobs({
    dir: join(dir, "blobs"),
    sealer,
    ...(maxBlobBytes === undefined ? {} : { maxBytes: maxBlobBytes }),
  });
  const path = join(dir, "store.db");
  const writer = await startWriter(path);
  const reader = openReader(path);
  const documents = sqliteDocuments(reader, writer);
  const queue = sqliteQueue(reader, writer, clock);
  return {
    documents: sealer === undefined ? documents : sealedDocuments(documents, sealer),
    queue: sealer === undefined ? queue : sealedQueue(queue, sealer),
    blobs,
    async close() {
      // The reader first: the writer, as the last connection, then folds the log into the file.
      reader.close();
      await writer.close();
    },
  };
}
