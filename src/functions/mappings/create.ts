import type { CreateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { newId } from "../../base/ids.ts";
import type { Scope } from "../../base/scope.ts";
import type { Write } from "../../store/contract.ts";
import { tryBatch } from "../documents.ts";
import { checkedTags } from "../tags/checked.ts";
import type { MappingDocument, MappingView, TargetFunction } from "./contract.ts";
import { CLAIM, MAPPING, claimKeys, mappingKey, type Claim } from "./documents.ts";
import { duplicate, mappingInUse } from "./errors.ts";
import type { MappingDomain } from "./mappings.ts";
import { newSettings } from "./settings.ts";
import { created } from "./states.ts";

/** Attempts before giving up; each loss means that a mapping of the same source came or went. */
const ATTEMPTS = 32;

/** `CreateEventSourceMapping` */
export async function create(
  domain: MappingDomain,
  scope: Scope,
  target: TargetFunction,
  request: CreateEventSourceMappingRequest,
): Promise<MappingView> {
  const uuid = newId();
  const now = domain.clock();
  const { kind, settings } = newSettings(uuid, request, now);
  const tags = checkedTags(request.Tags);
  await domain.requireBoth(scope, target, kind, settings);
  const mapping: MappingDocument = {
    uuid,
    kind,
    target,
    settings,
    enabled: request.Enabled ?? true,
    tags,
    lastModified: now,
  };
  const claims = claimKeys(scope, kind, target, settings);
  const writes: Write[] = [
    { op: "create", kind: MAPPING, key: mappingKey(scope, uuid), value: mapping },
    ...claims.map((key): Write => ({ op: "create", kind: CLAIM, key, value: { uuid } satisfies Claim })),
  ];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    for (const key of claims) {
      const taken = await domain.documents.get<Claim>(CLAIM, key);
      if (taken) throw duplicate(scope, kind, settings, target, taken.value.uuid);
    }
    if (await tryBatch(domain.documents, writes)) return created(mapping);
  }
  throw mappingInUse();
}
