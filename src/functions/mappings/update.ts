import type { UpdateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";
import type { Write } from "../../store/contract.ts";
import { tryBatch } from "../documents.ts";
import type { MappingDocument, MappingView, TargetFunction } from "./contract.ts";
import { CLAIM, MAPPING, claimKeys, readMapping, type Claim } from "./documents.ts";
import { duplicate, mappingInUse, mappingNotFound } from "./errors.ts";
import type { MappingDomain } from "./mappings.ts";
import { changedSettings } from "./settings.ts";
import { updated } from "./states.ts";

const ATTEMPTS = 32;

/** `UpdateEventSourceMapping`: members that are absent stay as they are. */
export async function update(
  domain: MappingDomain,
  scope: Scope,
  uuid: string,
  request: UpdateEventSourceMappingRequest,
  newTarget: TargetFunction | undefined,
): Promise<MappingView> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readMapping(domain.documents, scope, uuid);
    if (!stored) throw mappingNotFound();
    const before = stored.value;
    const now = domain.clock();
    const target = newTarget ?? before.target;
    const settings = changedSettings(before, request, now);
    if (newTarget) await domain.requireBoth(scope, newTarget, before.kind, settings);
    const after: MappingDocument = {
      ...before,
      target,
      settings,
      enabled: request.Enabled ?? before.enabled,
      lastModified: now,
    };
    const writes: Write[] = [
      { op: "replace", kind: MAPPING, key: stored.key, value: after, version: stored.version },
      ...(await claimChanges(domain, scope, before, after)),
    ];
    if (await tryBatch(domain.documents, writes)) return updated(before, after, request.Enabled);
  }
  throw mappingInUse();
}

/** Claims that the mapping gives back and takes, because it has another function or reads something else. */
async function claimChanges(
  domain: MappingDomain,
  scope: Scope,
  before: MappingDocument,
  after: MappingDocument,
): Promise<Write[]> {
  const { uuid, kind, target, settings } = after;
  const held = claimKeys(scope, kind, before.target, before.settings);
  const needed = claimKeys(scope, kind, target, settings);
  const writes = held.filter((key) => !needed.includes(key)).map((key): Write => ({ op: "remove", kind: CLAIM, key }));
  for (const key of needed.filter((each) => !held.includes(each))) {
    const taken = await domain.documents.get<Claim>(CLAIM, key);
    if (taken) throw duplicate(scope, kind, settings, target, taken.value.uuid);
    writes.push({ op: "create", kind: CLAIM, key, value: { uuid } satisfies Claim });
  }
  return writes;
}
