/**
 * The tables, and how older files become the current ones. Each migration runs once, in a transaction of its own that
 * also raises `user_version`: a process that dies in the middle leaves the file at the version before.
 *
 * documents.key is compared byte by byte in UTF-8, which is the order that listings have.
 * messages.blocked is 1 while an earlier message of the same group is there: so the next message of a queue is one step in
 * the index `receivable`, however long the line behind the head of a group is.
 */
import type { DatabaseSync } from "node:sqlite";
import { KilnError } from "../../base/errors.ts";

const migrations: readonly string[] = [
  `CREATE TABLE documents (
     kind TEXT NOT NULL, key TEXT NOT NULL, version TEXT NOT NULL, value TEXT NOT NULL,
     UNIQUE (kind, key)
   ) STRICT;
   CREATE TABLE messages (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     queue TEXT NOT NULL, body BLOB NOT NULL, enqueued_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
     receive_count INTEGER NOT NULL DEFAULT 0, receipt TEXT, message_group TEXT, blocked INTEGER NOT NULL DEFAULT 0
   ) STRICT;
   CREATE INDEX receivable ON messages (queue, visible_at, id) WHERE blocked = 0;
   CREATE INDEX line ON messages (queue, message_group, id) WHERE message_group IS NOT NULL;
   CREATE INDEX of_queue ON messages (queue, visible_at, receipt);
   CREATE TABLE deduplication (
     queue TEXT NOT NULL, deduplication_id TEXT NOT NULL, message INTEGER NOT NULL, expires_at INTEGER NOT NULL,
     PRIMARY KEY (queue, deduplication_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX expiring ON deduplication (expires_at);`,
  "ALTER TABLE messages ADD COLUMN first_received_at INTEGER;",
];

/** Brings the file to the current schema. Throws KilnError `STORE_TOO_NEW` for one that a newer Kiln wrote. */
export function migrate(database: DatabaseSync): void {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (version > migrations.length) {
    throw new KilnError(
      "STORE_TOO_NEW",
      `The database has schema ${version}; this Kiln knows up to ${migrations.length}.`,
      {
        hint: "Run the newer Kiln that wrote it, or choose another directory with --state.",
      },
    );
  }
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue;
    database.exec(`BEGIN IMMEDIATE; ${statements} PRAGMA user_version = ${index + 1}; COMMIT;`);
  }
}
