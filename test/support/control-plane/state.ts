/** Everything that a store holds, whatever its kind, read behind the back of who uses it. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Sealer } from "../../../src/store/contract.ts";
import { openValue } from "../../../src/store/sealed/documents.ts";

export interface StoredDocument {
  kind: string;
  key: string;
  value: unknown;
}

/**
 * One moment's documents. @param dir The store's; its owner may be running, or have been killed. @param sealer Of a store
 * that is encrypted.
 */
export function everyDocument(dir: string, sealer?: Sealer): StoredDocument[] {
  const database = new DatabaseSync(join(dir, "store.db"), { readOnly: true });
  try {
    return database
      .prepare("SELECT kind, key, value FROM documents ORDER BY kind, key")
      .all()
      .map((row) => {
        const [kind, key] = [String(row["kind"]), String(row["key"])];
        const value = JSON.parse(String(row["value"])) as unknown;
        return { kind, key, value: sealer === undefined ? value : openValue(sealer, kind, key, value) };
      });
  } finally {
    database.close();
  }
}

/** Documents as the invariants see them. */
export interface State {
  kinds: ReadonlySet<string>;
  of<T>(kind: string): ReadonlyMap<string, T>;
}

export function stateOf(documents: readonly StoredDocument[]): State {
  const byKind = new Map<string, Map<string, unknown>>();
  for (const { kind, key, value } of documents) {
    const same = byKind.get(kind) ?? new Map<string, unknown>();
    byKind.set(kind, same.set(key, value));
  }
  return {
    kinds: new Set(byKind.keys()),
    of: <T>(kind: string) => (byKind.get(kind) ?? new Map<string, unknown>()) as ReadonlyMap<string, T>,
  };
}

/** `account/region/name` of a key, and what comes after it. */
export function split(key: string): {
  scope: { account: string; region: string };
  owner: string;
  name: string;
  rest: string;
} {
  const [account = "", region = "", name = "", ...rest] = key.split("/");
  return { scope: { account, region }, owner: `${account}/${region}/${name}`, name, rest: rest.join("/") };
}
