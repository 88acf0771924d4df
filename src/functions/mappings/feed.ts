/** Mappings for those who poll: all of them, and changes as they come. */
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import { walk } from "../documents.ts";
import { partsOfFunctionKey } from "../keys.ts";
import type { MappedSource, MappingDocument, MappingFeed } from "./contract.ts";
import { MAPPING } from "./documents.ts";

export function createFeed(documents: Documents): MappingFeed {
  return {
    async *all() {
      for await (const { key, value } of walk<MappingDocument>(documents, MAPPING, "")) yield sourceOf(key, value);
    },
    watch: (listener) =>
      documents.watch<MappingDocument>(MAPPING, "", ({ key, stored }) =>
        listener(key.slice(key.lastIndexOf("/") + 1), stored && sourceOf(key, stored.value)),
      ),
  };
}

function sourceOf(key: string, { uuid, kind, target, settings, enabled }: MappingDocument): MappedSource {
  const scope: Scope = partsOfFunctionKey(key).scope;
  return {
    scope,
    uuid,
    kind,
    functionName: target.name,
    ...(target.qualifier === undefined ? {} : { qualifier: target.qualifier }),
    settings,
    enabled,
  };
}
