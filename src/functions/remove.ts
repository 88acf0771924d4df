import type { Scope } from "../base/scope.ts";
import type { Write } from "../store/contract.ts";
import { aliasesOfVersion } from "./aliases/list.ts";
import { removalsWithFunction, removalsWithQualifier } from "./belongings.ts";
import { entryOf } from "./concurrency/ledger.ts";
import { releaseProvisioned } from "./concurrency/provisioned.ts";
import { endOfUse } from "./code-signing/uses.ts";
import { changeFunction, readFunction, tryBatch } from "./documents.ts";
import type { Domain } from "./domain.ts";
import { functionNotFound, invalidParameter, updateInProgress, versionInUse } from "./errors.ts";
import { COUNTER, FUNCTION, VERSION, functionKey, isAliasName, versionKey } from "./keys.ts";

const ATTEMPTS = 32;

/** `DeleteFunction`: all of it, or one published version. */
export async function remove(domain: Domain, scope: Scope, name: string, qualifier?: string): Promise<void> {
  if (qualifier === undefined) await removeFunction(domain, scope, name);
  else await removeVersion(domain, scope, name, qualifier);
  domain.collection.request();
}

/** The function with all that belongs to it in one transaction; a change made meanwhile makes it start again. */
async function removeFunction(domain: Domain, scope: Scope, name: string): Promise<void> {
  const key = functionKey(scope, name);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readFunction(domain.documents, scope, name);
    if (!stored) throw functionNotFound(scope, name);
    const writes: Write[] = [
      { op: "remove", kind: FUNCTION, key, version: stored.version },
      ...(await removalsWithFunction(domain.documents, scope, name)),
      ...endOfUse(scope, stored.value),
    ];
    writes.push(...(await entryOf(domain.documents, scope, name, 0)).writes);
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
  if (isAliasName(qualifier)) throw invalidParameter("Deletion of aliases is not currently supported.");
  const key = versionKey(scope, name, qualifier);
  const removed = await changeFunction<boolean>(domain.documents, scope, name, async (before) => {
    if (key === undefined || !(await domain.documents.get(VERSION, key))) return { result: false };
    const aliases = await aliasesOfVersion(domain.documents, scope, name, qualifier);
    if (aliases.length > 0) throw versionInUse(aliases);
    const belongings = await removalsWithQualifier(domain.documents, scope, name, qualifier);
    const { document, writes } = await releaseProvisioned(domain.documents, scope, before, qualifier);
    return { document, writes: [{ op: "remove", kind: VERSION, key }, ...belongings, ...writes], result: true };
  });
  if (!removed) return;
  domain.forget(scope, name);
  domain.retire(scope, name, qualifier);
}
