/** Document writes, on the writer's side. Preconditions are checked and met within the one open transaction. */
import type { DatabaseSync } from "node:sqlite";
import type { DocumentWrite, Outcome } from "./operation.ts";

export function documentWriter(database: DatabaseSync): (writes: DocumentWrite[]) => Outcome {
  const insert = database.prepare("INSERT OR IGNORE INTO documents (kind, key, version, value) VALUES (?, ?, ?, ?)");
  const update = database.prepare(
    "UPDATE documents SET version = ?, value = ? WHERE kind = ? AND key = ? AND version = ?",
  );
  const remove = database.prepare("DELETE FROM documents WHERE kind = ? AND key = ?");
  const removeVersion = database.prepare("DELETE FROM documents WHERE kind = ? AND key = ? AND version = ?");

  function apply(write: DocumentWrite): boolean {
    const { kind, key } = write;
    switch (write.op) {
      case "create":
        return insert.run(kind, key, write.version, write.value).changes === 1;
      case "replace":
        return update.run(write.version, write.value, kind, key, write.expected).changes === 1;
      case "remove":
        return write.expected === undefined
          ? remove.run(kind, key).changes === 1
          : removeVersion.run(kind, key, write.expected).changes === 1;
    }
  }

  return (writes) => {
    const changed: boolean[] = [];
    // A single write that fails has changed nothing; several need a way back.
    const several = writes.length > 1;
    if (several) database.exec("SAVEPOINT several");
    for (const write of writes) {
      const done = apply(write);
      if (!done && (write.op !== "remove" || write.expected !== undefined)) {
        if (several) database.exec("ROLLBACK TO several; RELEASE several");
        return { conflict: { kind: write.kind, key: write.key } };
      }
      changed.push(done);
    }
    if (several) database.exec("RELEASE several");
    return { changed };
  };
}
