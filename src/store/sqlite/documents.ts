/** Documents: writes go to the writer's thread, reads are a lookup in a connection of this thread. */
import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { Change, Documents, Page, Stored, Write } from "../contract.ts";
import { checkName, checkPageSize, checkText, toJson } from "../limits.ts";
import { createWatchers } from "../watchers.ts";
import { explainSqliteError } from "./database.ts";
import { expectMember, type SubmitOptions, type Writer } from "./group-commit.ts";
import type { DocumentWrite } from "./operation.ts";

interface Row {
  key: string;
  version: string;
  value: string;
}

export function sqliteDocuments(reader: DatabaseSync, writer: Writer): Documents {
  const watchers = createWatchers();
  const byKey = reader.prepare("SELECT key, version, value FROM documents WHERE kind = ? AND key = ?");
  // The end of a prefix is its bytes and 0xff, which no text in UTF-8 has.
  // With one lower bound only: SQLite would search by the first of two, and walk through all keys between them.
  const select = (lower: ">" | ">=") =>
    reader.prepare(
      `SELECT key, version, value FROM documents
       WHERE kind = ? AND key ${lower} ? AND key < CAST(? AS TEXT) ORDER BY key LIMIT ?`,
    );
  const fromPrefix = select(">=");
  const fromCursor = select(">");

  async function write(writes: DocumentWrite[]): Promise<boolean[]> {
    const committed: SubmitOptions["committed"] = (outcome) => {
      const changed = expectMember(outcome, "changed");
      for (const [index, each] of writes.entries()) {
        if (changed[index] === true && watchers.wanted(each.kind, each.key)) watchers.notify(each.kind, changeOf(each));
      }
    };
    return expectMember(await writer.submit({ op: "documents", writes }, { committed }), "changed");
  }

  async function put<T>(one: Extract<DocumentWrite, { value: string }>): Promise<Stored<T>> {
    await write([one]);
    return storedOf<T>(one);
  }

  return {
    async get<T>(kind: string, key: string) {
      const row = reading(() => byKey.get(kind, key)) as unknown as Row | undefined;
      return row === undefined ? undefined : storedOf<T>(row);
    },
    create: async <T>(kind: string, key: string, value: T) => put<T>(asCreate(kind, key, value)),
    replace: async <T>(kind: string, key: string, value: T, version: string) =>
      put<T>(asReplace(kind, key, value, version)),
    async remove(kind, key, version) {
      const [changed] = await write([asRemove(kind, key, version)]);
      return changed === true;
    },
    async batch(writes) {
      if (writes.length === 0) return [];
      const prepared = writes.map(asDocumentWrite);
      await write(prepared);
      return prepared.map((each) => (each.op === "remove" ? undefined : storedOf(each)));
    },
    async list<T>(kind: string, prefix: string, { limit, after = "" }: { limit: number; after?: string }) {
      checkPageSize(limit);
      checkText("prefix", prefix);
      checkText("cursor", after);
      const end = Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)]);
      // One more than the page tells whether there is another.
      const within = Buffer.compare(Buffer.from(after), Buffer.from(prefix)) >= 0;
      const [search, start] = within ? [fromCursor, after] : [fromPrefix, prefix];
      const rows = reading(() => search.all(kind, start, end, limit + 1)) as unknown as Row[];
      const page: Page<T> = { items: rows.slice(0, limit).map((row) => storedOf<T>(row)) };
      const last = page.items.at(-1);
      if (rows.length > limit && last !== undefined) page.next = last.key;
      return page;
    },
    watch<T>(kind: string, prefix: string, listener: (change: Change<T>) => void) {
      return watchers.add({ kind, prefix, listener });
    },
  };
}

/** Opaque and never used again, so that a document that was removed and created anew is another one. */
function newVersion(): string {
  return randomBytes(9).toString("base64url");
}

function asDocumentWrite(write: Write): DocumentWrite {
  switch (write.op) {
    case "create":
      return asCreate(write.kind, write.key, write.value);
    case "replace":
      return asReplace(write.kind, write.key, write.value, write.version);
    case "remove":
      return asRemove(write.kind, write.key, write.version);
  }
}

function asCreate(kind: string, key: string, value: unknown): Extract<DocumentWrite, { op: "create" }> {
  checkName("kind", kind);
  checkName("key", key);
  return { op: "create", kind, key, version: newVersion(), value: toJson(value) };
}

function asReplace(
  kind: string,
  key: string,
  value: unknown,
  expected: string,
): Extract<DocumentWrite, { op: "replace" }> {
  return { op: "replace", kind, key, version: newVersion(), value: toJson(value), expected };
}

function asRemove(kind: string, key: string, expected: string | undefined): DocumentWrite {
  return { op: "remove", kind, key, ...(expected === undefined ? {} : { expected }) };
}

function changeOf(write: DocumentWrite): Change<unknown> {
  return write.op === "remove" ? { key: write.key } : { key: write.key, stored: storedOf(write) };
}

/** A fresh copy each time: nobody shares what a caller may change. */
function storedOf<T>(row: Row): Stored<T> {
  return { key: row.key, value: JSON.parse(row.value) as T, version: row.version };
}

function reading<R>(read: () => R): R {
  try {
    return read();
  } catch (error) {
    throw explainSqliteError(error);
  }
}
