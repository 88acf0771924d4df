/** Where identities are kept, and changes of them: compare-and-set, tried again when another change was first. */
import type { ServiceError } from "../base/errors.ts";
import { StoreConflict, type Documents, type Stored, type Write } from "../store/contract.ts";
import type { AccessKey, Entity, EntityKind } from "./contract.ts";
import { concurrentModification, noEntity } from "./errors.ts";

/** `account/kind/name` → Entity. Names are one whatever their case. */
export const ENTITY = "iam-entity";
/** `AIDA…`, `AROA…` → Named, for users and roles that are there. */
export const UNIQUE_ID = "iam-unique-id";
/** `account/name` → ManagedPolicy */
export const POLICY = "iam-policy";
/** `AKIA…` → AccessKey */
export const ACCESS_KEY = "iam-access-key";

/** Whose id it is. */
export interface Named {
  readonly account: string;
  readonly kind: "user" | "role";
  readonly name: string;
}

/** The write that lets a user or role be found by its id. */
export function idWrites(account: string, { kind, id, name }: Entity): Write[] {
  if (kind === "group") return [];
  const value: Named = { account, kind, name };
  return [{ op: "create", kind: UNIQUE_ID, key: id, value }];
}

export function entityPrefix(account: string, kind: EntityKind): string {
  return `${account}/${kind}/`;
}

export function entityKey(account: string, kind: EntityKind, name: string): string {
  return entityPrefix(account, kind) + name.toLowerCase();
}

export function policyKey(account: string, name: string): string {
  return `${account}/${name.toLowerCase()}`;
}

/** Throws NoSuchEntity. */
export async function readEntity(
  documents: Documents,
  account: string,
  kind: EntityKind,
  name: string,
): Promise<Stored<Entity>> {
  const stored = await documents.get<Entity>(ENTITY, entityKey(account, kind, name));
  if (stored === undefined) throw noEntity(kind, name);
  return stored;
}

export function readAccessKey(documents: Documents, id: string): Promise<Stored<AccessKey> | undefined> {
  return documents.get<AccessKey>(ACCESS_KEY, id);
}

const ATTEMPTS = 32;

/** Runs `attempt` until its writes meet nobody else's. It may run several times, and throws to refuse. */
export async function changing<R>(
  documents: Documents,
  attempt: () => Promise<{ writes: Write[]; result: R }>,
): Promise<R> {
  for (let count = 0; count < ATTEMPTS; count += 1) {
    const { writes, result } = await attempt();
    try {
      await documents.batch(writes);
      return result;
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
  throw concurrentModification();
}

/** One entity, with further writes of the same transaction. Returns the entity as it is then. */
export function changeEntity(
  documents: Documents,
  of: { account: string; kind: EntityKind; name: string },
  decide: (entity: Entity) => Entity | Promise<Entity>,
  more: (before: Entity, after: Entity) => Promise<Write[]> = async () => [],
): Promise<Entity> {
  return changing(documents, async () => {
    const stored = await readEntity(documents, of.account, of.kind, of.name);
    const after = await decide(stored.value);
    const write = replacement(ENTITY, stored, after);
    return { writes: [write, ...(await more(stored.value, after))], result: after };
  });
}

export function replacement(kind: string, stored: Stored<unknown>, value: unknown): Write {
  return { op: "replace", kind, key: stored.key, value, version: stored.version };
}

export function removal(kind: string, stored: Stored<unknown>): Write {
  return { op: "remove", kind, key: stored.key, version: stored.version };
}

export async function create(
  documents: Documents,
  kind: string,
  key: string,
  value: unknown,
  exists: () => ServiceError,
  more: Write[] = [],
): Promise<void> {
  try {
    await documents.batch([{ op: "create", kind, key, value }, ...more]);
  } catch (error) {
    if (!(error instanceof StoreConflict)) throw error;
    throw error.kind === kind && error.key === key ? exists() : concurrentModification();
  }
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Key after which the next page begins; absent on the last one. */
  readonly next?: string;
}

/** Up to `limit` of those that `wanted` takes. */
export async function listWhere<T>(
  documents: Documents,
  kind: string,
  prefix: string,
  options: { limit: number; after?: string | undefined; wanted: (value: T) => boolean },
): Promise<ListPage<T>> {
  const items: T[] = [];
  let { after } = options;
  let last: string | undefined;
  for (;;) {
    const page = await documents.list<T>(kind, prefix, { limit: 100, ...(after === undefined ? {} : { after }) });
    for (const { key, value } of page.items) {
      if (!options.wanted(value)) continue;
      if (items.length === options.limit) return last === undefined ? { items } : { items, next: last };
      items.push(value);
      last = key;
    }
    if (page.next === undefined) return { items };
    after = page.next;
  }
}
