/** What the pollers of events ask about a function, put together from its documents. */
import { functionArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { EventSettings, EventSettingsOf } from "../../invoke/contract.ts";
import type { Documents } from "../../store/contract.ts";
import { findQualified } from "../aliases/qualified.ts";
import { ALIAS, EVENT_INVOKE, FUNCTION, VERSION, functionKey } from "../keys.ts";
import { find } from "./read.ts";

/** https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html */
const DEFAULT_RETRIES = 2;
const DEFAULT_AGE_SECONDS = 6 * 60 * 60;
/** Functions that are kept in memory. */
const MAX_FUNCTIONS = 10_000;

export function createEventSettings(documents: Documents): { of: EventSettingsOf; close: () => void } {
  /** By function, then by qualifier. */
  const cache = new Map<string, Map<string, EventSettings>>();
  // Counts changes, so that what was read before a change is not kept after it.
  let changes = 0;
  const watches = [FUNCTION, VERSION, ALIAS, EVENT_INVOKE].map((kind) =>
    documents.watch(kind, "", ({ key }) => {
      changes += 1;
      cache.delete(key.split("/", 3).join("/"));
    }),
  );
  return {
    async of(scope, name, qualifier = "$LATEST") {
      const key = functionKey(scope, name);
      const kept = cache.get(key)?.get(qualifier);
      if (kept !== undefined) return kept;
      const before = changes;
      const settings = await read(documents, scope, name, qualifier);
      if (settings === undefined || changes !== before) return settings;
      if (cache.size >= MAX_FUNCTIONS) cache.clear();
      const qualifiers = cache.get(key) ?? new Map<string, EventSettings>();
      cache.set(key, qualifiers.set(qualifier, settings));
      return settings;
    },
    close() {
      for (const unwatch of watches) unwatch();
    },
  };
}

async function read(
  documents: Documents,
  scope: Scope,
  name: string,
  qualifier: string,
): Promise<EventSettings | undefined> {
  const found = await findQualified(documents, scope, name, qualifier);
  if (!found) return undefined;
  const config = await find(documents, { scope, name, qualifier });
  const deadLetter = found.version.settings.DeadLetterConfig?.TargetArn;
  return {
    functionArn: functionArn(scope, name, qualifier),
    maximumRetryAttempts: config?.maximumRetryAttempts ?? DEFAULT_RETRIES,
    maximumEventAgeSeconds: config?.maximumEventAge ?? DEFAULT_AGE_SECONDS,
    ...(config?.onSuccess === undefined ? {} : { onSuccess: config.onSuccess }),
    ...(config?.onFailure === undefined ? {} : { onFailure: config.onFailure }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
    switchedOff: found.document.reservedConcurrency === 0,
  };
}
