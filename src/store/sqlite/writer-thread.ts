/**
 * The thread that writes. Each message is a group of operations that becomes one transaction and one sync of the disk:
 * a conflict is the outcome of its operation alone, an error of the database undoes and fails the whole group.
 * A thread, because a commit waits for the disk, and nothing else in Kiln may wait with it.
 */
import { flushCompileCache } from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { DatabaseSync } from "node:sqlite";
import { KilnError, messageOf } from "../../base/errors.ts";
import { explainSqliteError, openWriter } from "./database.ts";
import type { Answer, Failure, Operation, Outcome } from "./operation.ts";
import { migrate } from "./schema.ts";
import { documentWriter } from "./write-documents.ts";
import { queueWriter } from "./write-queue.ts";

const port = parentPort;
if (port === null) throw new Error("writer-thread.ts runs as a worker thread only");

function failureOf(thrown: unknown): Failure {
  const error = explainSqliteError(thrown);
  if (!(error instanceof KilnError)) return { code: "STORE_FAILED", message: messageOf(error) };
  return { code: error.code, message: error.message, ...(error.hint === undefined ? {} : { hint: error.hint }) };
}

function commitsOn(database: DatabaseSync): (operations: Operation[]) => Outcome[] {
  const documents = documentWriter(database);
  const queue = queueWriter(database);
  return (operations) => {
    database.exec("BEGIN IMMEDIATE");
    try {
      const outcomes = operations.map((each) => (each.op === "documents" ? documents(each.writes) : queue(each)));
      database.exec("COMMIT");
      return outcomes;
    } catch (error) {
      // SQLite itself rolls back on some errors, such as a full disk.
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  };
}

function attempt(produce: () => Answer): void {
  let answer: Answer;
  try {
    answer = produce();
  } catch (error) {
    answer = { failure: failureOf(error) };
  }
  port?.postMessage(answer);
}

let database: DatabaseSync | undefined;
attempt(() => {
  database = openWriter(workerData as string);
  migrate(database);
  const commit = commitsOn(database);
  port.on("message", (message: Operation[] | "close") => {
    if (message !== "close") return attempt(() => ({ outcomes: commit(message) }));
    database?.close();
    port.close();
  });
  return { ready: true };
});
// Kept from now on, however this process ends.
flushCompileCache();
