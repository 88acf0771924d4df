/** The embedded store: one SQLite file for documents and queues, and a directory of files for blobs. */
import { join } from "node:path";
import { systemClock, type Clock } from "../../base/clock.ts";
import { explainDiskError } from "../../base/disk-error.ts";
import { makeDirectory } from "../../base/durable-file.ts";
import type { Store } from "../contract.ts";
import { openFileBlobs } from "../files/blobs.ts";
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
}

/** Throws KilnError `STORE_…` or `DISK_…` when the directory cannot be opened. */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { dir, clock = systemClock, maxBlobBytes } = options;
  try {
    await makeDirectory(dir);
  } catch (error) {
    throw explainDiskError(error, `open the store in ${dir}`);
  }
  const blobs = await openFileBlobs({
    dir: join(dir, "blobs"),
    ...(maxBlobBytes === undefined ? {} : { maxBytes: maxBlobBytes }),
  });
  const path = join(dir, "store.db");
  const writer = await startWriter(path);
  const reader = openReader(path);
  return {
    documents: sqliteDocuments(reader, writer),
    queue: sqliteQueue(reader, writer, clock),
    blobs,
    async close() {
      // The reader first: the writer, as the last connection, then folds the log into the file.
      reader.close();
      await writer.close();
    },
  };
}
