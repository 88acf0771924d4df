/** Tags of a mapping. They lie in its document, and so go with it. */
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import { tryBatch } from "../documents.ts";
import type { MappingDocument } from "./contract.ts";
import { MAPPING, readMapping } from "./documents.ts";
import { mappingInUse, taggedMappingNotFound } from "./errors.ts";

const ATTEMPTS = 32;

export async function tagsOf(documents: Documents, scope: Scope, uuid: string): Promise<Record<string, string>> {
  const stored = await readMapping(documents, scope, uuid);
  if (!stored) throw taggedMappingNotFound(scope, uuid);
  return stored.value.tags;
}

/** Changes nothing but the tags: not the time of the last modification either. */
export async function changeTags(
  documents: Documents,
  scope: Scope,
  uuid: string,
  decide: (tags: Readonly<Record<string, string>>) => Record<string, string>,
): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readMapping(documents, scope, uuid);
    if (!stored) throw taggedMappingNotFound(scope, uuid);
    const value: MappingDocument = { ...stored.value, tags: decide(stored.value.tags) };
    const { key, version } = stored;
    if (await tryBatch(documents, [{ op: "replace", kind: MAPPING, key, value, version }])) return;
  }
  throw mappingInUse();
}
