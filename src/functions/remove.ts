import type { Scope } from "../base/scope.ts";
import type { Write } from "../store/contract.ts";
import type { FunctionVersion } from "./contract.ts";
import { readFunction, tryBatch, walk } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { functionNotFound, invalidParameter, updateInProgress } from "./errors.ts";
import { COUNTER, FUNCTION, VERSION, functionKey, isVersionNumber, versionKey, versionPrefix } from "./keys.ts";

const ATTEMPTS = 32;

/** `DeleteFunction`: all of it, or one published version. */
export async function remove(domain: Domain, scope: Scope, name: string, qualifier?: string): Promise<void> {
  if (qualifier === undefined) await removeFunction(domain, scope, name);
  else await removeVersion(domain, scope, name, qualifier);
  domain.collection.request();
}

/** The function with its versions in one transaction; a version published meanwhile makes it start again. */
async function removeFunction(domain: Domain, scope: Scope, name: string): Promise<void> {
  const key = functionKey(scope, name);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readFunction(domain.documents, scope, name);
    if (!stored) throw functionNotFound(scope, name);
    const writes: Write[] = [{ op: "remove", kind: FUNCTION, key, version: stored.version }];
    for await (const { key: version } of walk<FunctionVersion>(domain.documents, VERSION, versionPrefix(scope, name))) {
      writes.push({ op: "remove", kind: VERSION, key: version });
    }
    const { nextVersion } = stored.value;
    if (nextVersion > 1) {
      const counter = await domain.documents.get(COUNTER, key);
      const value = { nextVersion };
      writes.push(
        counter
          ? { op: "replace", kind: COUNTER, key, value, version: counter.version }
          : { op: "create", kind: COUNTER, key, value },
      );
    }
    if (await tryBatch(domain.documents, writes)) {
      domain.forget(scope, name);
      domain.retire(scope, name);
      return;
    }
  }
  throw updateInProgress(scope, name);
}

/** Removing a version that is not there is no error, as long as the function is. */
async function removeVersion(domain: Domain, scope: Scope, name: string, qualifier: string): Promise<void> {
  if (qualifier === "$LATEST") {
    throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
  }
  if (/^(?!\d+$)[a-zA-Z0-9-_]+$/.test(qualifier)) {
    throw invalidParameter("Deletion of aliases is not currently supported.");
  }
  if (!(await readFunction(domain.documents, scope, name))) throw functionNotFound(scope, name);
  const key = isVersionNumber(qualifier) ? versionKey(scope, name, qualifier) : undefined;
  if (key === undefined || !(await domain.documents.remove(VERSION, key))) return;
  domain.forget(scope, name);
  domain.retire(scope, name, qualifier);
}
