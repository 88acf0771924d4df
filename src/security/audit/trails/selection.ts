/** Which records a trail wants. */
import type { AuditRecord } from "../contract.ts";
import type { EventSelector, Trail } from "./contract.ts";

const globalSources = new Set(["iam.amazonaws.com", "sts.amazonaws.com"]);

export function wants(trail: Trail, record: AuditRecord): boolean {
  if (record.recipientAccountId !== trail.account) return false;
  const global = globalSources.has(record.eventSource);
  if (global ? !trail.globalEvents : !trail.multiRegion && record.awsRegion !== trail.region) return false;
  return trail.selectors.some((selector) => selects(selector, record));
}

function selects(selector: EventSelector, record: AuditRecord): boolean {
  const { readWriteType, includeManagementEvents, dataResources, excludeManagementEventSources } = selector;
  if (readWriteType === (record.readOnly ? "WriteOnly" : "ReadOnly")) return false;
  if (record.managementEvent) {
    return includeManagementEvents && !excludeManagementEventSources.includes(record.eventSource);
  }
  return dataResources.some(({ type, values }) =>
    (record.resources ?? []).some(
      (resource) => resource["type"] === type && values.some((value) => String(resource["ARN"]).startsWith(value)),
    ),
  );
}
