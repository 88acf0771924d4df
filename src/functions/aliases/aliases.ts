/** Aliases, put together. */
import type { Documents } from "../../store/contract.ts";
import type { Scope } from "../../base/scope.ts";
import type { Aliases } from "./contract.ts";
import { create } from "./create.ts";
import { get, list } from "./list.ts";
import { findQualified } from "./qualified.ts";
import { remove } from "./remove.ts";
import { update } from "./update.ts";

export interface AliasesOptions {
  documents: Documents;
  /** Forgets what is cached of a function. */
  forget: (scope: Scope, functionName: string) => void;
}

export function createAliases(options: AliasesOptions): Aliases {
  const { documents } = options;
  return {
    find: (scope, functionName, qualifier) => findQualified(documents, scope, functionName, qualifier),
    create: (scope, functionName, request) => create(options, scope, functionName, request),
    get: (scope, functionName, alias) => get(documents, scope, functionName, alias),
    update: (scope, functionName, request) => update(options, scope, functionName, request),
    remove: (scope, functionName, alias) => remove(options, scope, functionName, alias),
    list: (scope, functionName, listOptions) => list(documents, scope, functionName, listOptions),
  };
}
