/** Connections to the database file, and what its errors mean. */
import { DatabaseSync } from "node:sqlite";
import { KilnError, messageOf } from "../../base/errors.ts";

/** SQLite's primary result codes: https://www.sqlite.org/rescode.html */
const explanations: Readonly<Record<number, { code: string; hint: string }>> = {
  5: { code: "STORE_BUSY", hint: "Another program has the database open; it belongs to one Kiln alone." },
  8: { code: "DISK_PERMISSION_DENIED", hint: "Give the user that runs Kiln read and write permission there." },
  10: { code: "DISK_FAILED", hint: "Look at the kernel log (dmesg) for errors of the device, and at the free space." },
  11: { code: "STORE_CORRUPT", hint: "Restore the state directory from a backup." },
  13: { code: "DISK_FULL", hint: "Free space on that file system, then try again." },
  14: { code: "DISK_PERMISSION_DENIED", hint: "Give the user that runs Kiln read and write permission there." },
  26: { code: "STORE_CORRUPT", hint: "The file is not a database. Restore the state directory from a backup." },
};

/** WAL with a sync at every commit: what is committed survives a loss of power. */
export function openWriter(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864;");
  return database;
}

/** A second connection, for reads beside the writer's transactions: it sees every commit at once. */
export function openReader(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
}

/** Turns an error of SQLite into a KilnError `STORE_…` or `DISK_…`; anything else comes back as it was. */
export function explainSqliteError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return thrown;
  // Extended result codes have the primary one in their low byte.
  const { code, hint } = explanations[thrown.errcode & 0xff] ?? {
    code: "STORE_FAILED",
    hint: "This is a bug in Kiln.",
  };
  return new KilnError(code, `The store refused: ${messageOf(thrown)}`, { hint, cause: thrown });
}
