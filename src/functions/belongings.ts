/**
 * Documents that belong to a function, or to one version or alias of it, and go with it in the same transaction. Their
 * keys are `account/region/name`, `account/region/name/qualifier`, or longer. Whoever creates one does so in a
 * transaction that writes the function's document too (`changeFunction`), so that none is left behind by a deletion.
 */
import type { Scope } from "../base/scope.ts";
import type { Documents, Write } from "../store/contract.ts";
import { walk } from "./documents.ts";
import { urlBelonging } from "./urls/documents.ts";
import { ALIAS, EVENT_INVOKE, POLICY, RUNTIME_MANAGEMENT, VERSION, functionKey } from "./keys.ts";

export interface Belonging {
  kind: string;
  /** Whether the part of the key after the function's name is a qualifier, and the document goes with that too. */
  perQualifier: boolean;
  /** What else goes with a document. */
  along?: (value: unknown) => Write[];
}

const belongings: readonly Belonging[] = [
  { kind: VERSION, perQualifier: false },
  { kind: ALIAS, perQualifier: false },
  urlBelonging,
  { kind: POLICY, perQualifier: true },
  { kind: EVENT_INVOKE, perQualifier: true },
  { kind: RUNTIME_MANAGEMENT, perQualifier: true },
];

/** The writes that remove all that belongs to a function. */
export async function removalsWithFunction(documents: Documents, scope: Scope, name: string): Promise<Write[]> {
  return removalsUnder(documents, belongings, functionKey(scope, name));
}

/** The writes that remove what belongs to one version or alias of a function; not the version or alias itself. */
export async function removalsWithQualifier(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string,
): Promise<Write[]> {
  const concerned = belongings.filter((each) => each.perQualifier);
  return removalsUnder(documents, concerned, `${functionKey(scope, name)}/${qualifier}`);
}

async function removalsUnder(documents: Documents, kinds: readonly Belonging[], key: string): Promise<Write[]> {
  const writes: Write[] = [];
  for (const { kind, along } of kinds) {
    const own = await documents.get(kind, key);
    if (own) writes.push({ op: "remove", kind, key }, ...(along?.(own.value) ?? []));
    for await (const stored of walk(documents, kind, `${key}/`)) {
      writes.push({ op: "remove", kind, key: stored.key }, ...(along?.(stored.value) ?? []));
    }
  }
  return writes;
}
