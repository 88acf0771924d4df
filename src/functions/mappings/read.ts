/** Reading mappings: one, and pages of all. */
import type { Scope } from "../../base/scope.ts";
import { walk } from "../documents.ts";
import { scopePrefix } from "../keys.ts";
import type { MappingDocument, MappingFilter, MappingListing, MappingView } from "./contract.ts";
import { MAPPING, mappingKey, readMapping } from "./documents.ts";
import { mappingNotFound } from "./errors.ts";
import type { MappingDomain } from "./mappings.ts";
import { atRest } from "./states.ts";

/** `GetEventSourceMapping` */
export async function get(domain: MappingDomain, scope: Scope, uuid: string): Promise<MappingView> {
  const stored = await readMapping(domain.documents, scope, uuid);
  if (!stored) throw mappingNotFound();
  return shown(domain, scope, stored.value);
}

/** `ListEventSourceMappings`, in the order of UUIDs. */
export async function list(
  domain: MappingDomain,
  scope: Scope,
  filter: MappingFilter,
  options: { limit: number; after?: string },
): Promise<MappingListing> {
  const items: MappingView[] = [];
  const from = options.after === undefined ? undefined : mappingKey(scope, options.after);
  for await (const { value } of walk<MappingDocument>(domain.documents, MAPPING, scopePrefix(scope), from)) {
    if (!isWanted(value, filter)) continue;
    const last = items.at(-1);
    if (items.length === options.limit && last) return { items, next: last.mapping.uuid };
    items.push(await shown(domain, scope, value));
  }
  return { items };
}

async function shown(domain: MappingDomain, scope: Scope, mapping: MappingDocument): Promise<MappingView> {
  const lastResult = await domain.lastResult(scope, mapping.uuid);
  return { ...atRest(mapping, domain.whyNotPolled), ...(lastResult === undefined ? {} : { lastResult }) };
}

function isWanted({ settings, target }: MappingDocument, filter: MappingFilter): boolean {
  if (filter.EventSourceArn !== undefined && settings.EventSourceArn !== filter.EventSourceArn) return false;
  if (!filter.target) return true;
  return target.name === filter.target.name && target.qualifier === filter.target.qualifier;
}
