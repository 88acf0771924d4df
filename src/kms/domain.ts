/** Finding and changing keys; every change is a compare-and-set that is tried again when it lost. */
import type { Clock } from "../base/clock.ts";
import { ServiceError } from "../base/errors.ts";
import type { PrincipalNames } from "../base/principals.ts";
import type { Scope } from "../base/scope.ts";
import { type Documents, type Stored, StoreConflict, type Write } from "../store/contract.ts";
import type { AliasDocument, FoundKey, GrantDocument, KeyDocument } from "./contract.ts";
import { aliasNotFound, disabled, invalidState, keyNotFound } from "./errors.ts";
import { ALIAS, aliasArn, GRANT, KEY, keyArn, parseKeyName, scopeKey } from "./names.ts";

export interface KmsDomain {
  documents: Documents;
  clock: Clock;
  policyProblem: (text: string) => string | undefined;
  principals: PrincipalNames;
}

interface StoredKey extends FoundKey {
  version: string;
}

const ATTEMPTS = 32;

/** Throws NotFoundException, also for a key whose time to be deleted has come. */
export async function findKey(domain: KmsDomain, caller: Scope, keyId: string): Promise<StoredKey> {
  const name = parseKeyName(caller, keyId);
  const { scope } = name;
  const id = "id" in name ? name.id : await targetOf(domain, scope, name.alias);
  const arn = keyArn(scope, id);
  const stored = await domain.documents.get<KeyDocument>(KEY, scopeKey(scope, id));
  if (stored === undefined) throw "alias" in name ? aliasNotFound(aliasArn(scope, name.alias)) : keyNotFound(arn);
  if (isDue(stored.value, domain.clock())) {
    await destroy(domain, scope, stored);
    throw keyNotFound(arn);
  }
  return { scope, arn, key: stored.value, version: stored.version };
}

async function targetOf({ documents }: KmsDomain, scope: Scope, alias: string): Promise<string> {
  const stored = await documents.get<AliasDocument>(ALIAS, scopeKey(scope, alias));
  if (stored === undefined) throw aliasNotFound(aliasArn(scope, alias));
  return stored.value.keyId;
}

/** Applies `decide` to the current key. It may run several times, and throws to refuse. */
export async function changeKey(
  domain: KmsDomain,
  caller: Scope,
  keyId: string,
  decide: (found: FoundKey) => KeyDocument,
): Promise<FoundKey> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const found = await findKey(domain, caller, keyId);
    const key = decide(found);
    if (key === found.key) return found;
    try {
      await domain.documents.replace(KEY, scopeKey(found.scope, key.id), key, found.version);
      return { ...found, key };
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
  throw new ServiceError("ConflictException", "The key is being changed by others. Try again.");
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export function requireEnabled({ arn, key }: FoundKey): void {
  if (key.state === "Disabled") throw disabled(arn);
  requireNotDeleted({ arn, key });
}

export function requireNotDeleted({ arn, key }: Pick<FoundKey, "arn" | "key">): void {
  if (key.state === "PendingDeletion") throw invalidState(arn, "pending deletion");
}

export function isDue({ state, deletionAt = 0 }: KeyDocument, now: number): boolean {
  return state === "PendingDeletion" && deletionAt <= now;
}

/** With its aliases and grants. */
export async function destroy(
  domain: KmsDomain,
  scope: Scope,
  { key, value, version }: Stored<KeyDocument>,
): Promise<void> {
  const writes: Write[] = [{ op: "remove", kind: KEY, key, version }];
  for await (const alias of all<AliasDocument>(domain.documents, ALIAS, scopeKey(scope, ""))) {
    if (alias.value.keyId === value.id) writes.push({ op: "remove", kind: ALIAS, key: alias.key });
  }
  for await (const grant of all<GrantDocument>(domain.documents, GRANT, scopeKey(scope, `${value.id}/`))) {
    writes.push({ op: "remove", kind: GRANT, key: grant.key });
  }
  try {
    await domain.documents.batch(writes);
  } catch (error) {
    // Its deletion was cancelled at the last moment, or somebody else has destroyed it.
    if (!(error instanceof StoreConflict)) throw error;
  }
}

export async function* all<T>(documents: Documents, kind: string, prefix: string): AsyncGenerator<Stored<T>> {
  for (let after: string | undefined; ;) {
    const page = await documents.list<T>(kind, prefix, { limit: 1000, ...(after === undefined ? {} : { after }) });
    yield* page.items;
    if (page.next === undefined) return;
    after = page.next;
  }
}
