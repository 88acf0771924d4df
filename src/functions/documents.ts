/** Reading and changing function documents; every change is a compare-and-set that is tried again when it lost. */
import { StoreConflict, type Documents, type Stored, type Write } from "../store/contract.ts";
import type { ServiceError } from "../base/errors.ts";
import type { Scope } from "../base/scope.ts";
import type { FunctionDocument, FunctionVersion } from "./contract.ts";
import { functionNotFound, updateInProgress } from "./errors.ts";
import { FUNCTION, VERSION, functionKey, versionKey } from "./keys.ts";

export async function readFunction(
  documents: Documents,
  scope: Scope,
  name: string,
): Promise<Stored<FunctionDocument> | undefined> {
  return documents.get<FunctionDocument>(FUNCTION, functionKey(scope, name));
}

/** Undefined when there is none, also when `qualifier` is no number. */
export async function readVersion(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string,
): Promise<Stored<FunctionVersion> | undefined> {
  const key = versionKey(scope, name, qualifier);
  return key === undefined ? undefined : documents.get<FunctionVersion>(VERSION, key);
}

/** What a change decided to write. */
export interface Decision<R> {
  /** Absent when there is nothing to change. */
  document?: FunctionDocument;
  /** Further writes of the same transaction. */
  writes?: Write[];
  result: R;
}

/** Attempts before a change gives up; each loss means that another change of this function has won. */
const ATTEMPTS = 32;

/**
 * Applies `decide` to the current document, all or nothing. `decide` may run several times and throws to refuse. A
 * decision that writes the document as it was makes sure that no version has come or gone and no alias has changed since
 * `decide` read them, because all that writes the function's document too; so does everything else that belongs to a
 * function and must not outlive it.
 * Throws `missing` (default: ResourceNotFoundException), and ResourceConflictException when others win all the time.
 */
export async function changeFunction<R>(
  documents: Documents,
  scope: Scope,
  name: string,
  decide: (document: FunctionDocument) => Decision<R> | Promise<Decision<R>>,
  missing: () => ServiceError = () => functionNotFound(scope, name),
): Promise<R> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readFunction(documents, scope, name);
    if (!stored) throw missing();
    const { document, writes = [], result } = await decide(stored.value);
    if (!document) return result;
    const done = await tryBatch(documents, [
      { op: "replace", kind: FUNCTION, key: stored.key, value: document, version: stored.version },
      ...writes,
    ]);
    if (done) return result;
  }
  throw updateInProgress(scope, name);
}

/** False when a precondition did not hold. */
export async function tryBatch(documents: Documents, writes: Write[]): Promise<boolean> {
  try {
    await documents.batch(writes);
    return true;
  } catch (error) {
    if (error instanceof StoreConflict) return false;
    throw error;
  }
}

/** Documents of a page while walking through all of them. */
const WALK_PAGE = 100;

/** Every document of a kind under a prefix, after the key `from`, page by page. Changes made meanwhile may or may not be seen. */
export async function* walk<T>(
  documents: Documents,
  kind: string,
  prefix: string,
  from?: string,
): AsyncGenerator<Stored<T>> {
  let after = from;
  do {
    const page = await documents.list<T>(kind, prefix, { limit: WALK_PAGE, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    after = page.next;
  } while (after !== undefined);
}
