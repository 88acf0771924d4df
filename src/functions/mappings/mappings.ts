/** Event source mappings, put together. */
import { refuseTenants } from "../errors.ts";
import type { Clock } from "../../base/clock.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import type { VersionView } from "../contract.ts";
import type { CheckSource, LastResult, Mappings, MappingSettings, SourceKind, TargetFunction } from "./contract.ts";
import { create } from "./create.ts";
import { unknownTarget } from "./errors.ts";
import { createFeed } from "./feed.ts";
import { get, list } from "./read.ts";
import { remove } from "./remove.ts";
import { whyNotPolled, type WhyNotPolled } from "./states.ts";
import { update } from "./update.ts";

export interface MappingsOptions {
  documents: Documents;
  clock: Clock;
  /** Throws ServiceError ResourceNotFoundException when the function, or the version or alias, is not there. */
  requireFunction(scope: Scope, name: string, qualifier?: string): Promise<VersionView>;
  /** Default: sources are looked at when they are polled. */
  checkSource?: CheckSource | undefined;
  /** Kinds of sources that are polled. Default: queues. */
  polledSources?: ReadonlySet<SourceKind> | undefined;
  /** Default: none. */
  lastResult?: LastResult | undefined;
}

/** What the operations share. */
export interface MappingDomain {
  documents: Documents;
  clock: Clock;
  whyNotPolled: WhyNotPolled;
  lastResult: LastResult;
  /** Function and source fit together. Throws InvalidParameterValueException, as AWS does for mappings. */
  requireBoth(scope: Scope, target: TargetFunction, kind: SourceKind, settings: MappingSettings): Promise<void>;
}

export function createMappings(options: MappingsOptions): Mappings {
  const { documents, clock } = options;
  const domain: MappingDomain = {
    documents,
    clock,
    whyNotPolled: whyNotPolled(options.polledSources ?? new Set(["sqs"])),
    lastResult: options.lastResult ?? (async () => undefined),
    async requireBoth(scope, { name, qualifier }, kind, { EventSourceArn: arn }) {
      let found: VersionView;
      try {
        found = await options.requireFunction(scope, name, qualifier);
      } catch (error) {
        if (error instanceof ServiceError && error.code === "ResourceNotFoundException") throw unknownTarget();
        throw error;
      }
      refuseTenants(found.version.settings, "Event source mappings are");
      if (arn !== undefined) await options.checkSource?.(kind, arn, found.version.settings.Timeout);
    },
  };
  return {
    feed: createFeed(documents),
    create: (scope, target, request) => create(domain, scope, target, request),
    get: (scope, uuid) => get(domain, scope, uuid),
    list: (scope, filter, page) => list(domain, scope, filter, page),
    update: (scope, uuid, request, target) => update(domain, scope, uuid, request, target),
    remove: (scope, uuid) => remove(documents, scope, uuid),
  };
}
