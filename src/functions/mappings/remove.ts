import type { Scope } from "../../base/scope.ts";
import type { Documents, Write } from "../../store/contract.ts";
import { tryBatch } from "../documents.ts";
import type { MappingView } from "./contract.ts";
import { CLAIM, MAPPING, claimKeys, readMapping } from "./documents.ts";
import { mappingInUse, mappingNotFound } from "./errors.ts";
import { inChange } from "./states.ts";

const ATTEMPTS = 32;

/** `DeleteEventSourceMapping`: gone with its claims at once, because nothing polls that would have to end first. */
export async function remove(documents: Documents, scope: Scope, uuid: string): Promise<MappingView> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readMapping(documents, scope, uuid);
    if (!stored) throw mappingNotFound();
    const { kind, target, settings } = stored.value;
    const writes: Write[] = [
      { op: "remove", kind: MAPPING, key: stored.key, version: stored.version },
      ...claimKeys(scope, kind, target, settings).map((key): Write => ({ op: "remove", kind: CLAIM, key })),
    ];
    if (await tryBatch(documents, writes)) return inChange(stored.value, "Deleting");
  }
  throw mappingInUse();
}
