/** Event source mappings, put together. */
import type { Clock } from "../../base/clock.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import type { Mappings, TargetFunction } from "./contract.ts";
import { create } from "./create.ts";
import { unknownTarget } from "./errors.ts";
import { get, list } from "./read.ts";
import { remove } from "./remove.ts";
import { update } from "./update.ts";

export interface MappingsOptions {
  documents: Documents;
  clock: Clock;
  /** Throws ServiceError ResourceNotFoundException when the function, or the version or alias, is not there. */
  requireFunction(scope: Scope, name: string, qualifier?: string): Promise<unknown>;
}

/** What the operations share. */
export interface MappingDomain {
  documents: Documents;
  clock: Clock;
  /** Throws InvalidParameterValueException, as AWS does for mappings. */
  requireTarget(scope: Scope, target: TargetFunction): Promise<void>;
}

export function createMappings(options: MappingsOptions): Mappings {
  const { documents, clock } = options;
  const domain: MappingDomain = {
    documents,
    clock,
    async requireTarget(scope, { name, qualifier }) {
      try {
        await options.requireFunction(scope, name, qualifier);
      } catch (error) {
        if (error instanceof ServiceError && error.code === "ResourceNotFoundException") throw unknownTarget();
        throw error;
      }
    },
  };
  return {
    create: (scope, target, request) => create(domain, scope, target, request),
    get: (scope, uuid) => get(documents, scope, uuid),
    list: (scope, filter, page) => list(documents, scope, filter, page),
    update: (scope, uuid, request, target) => update(domain, scope, uuid, request, target),
    remove: (scope, uuid) => remove(documents, scope, uuid),
  };
}
