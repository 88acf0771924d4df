/** Layers, put together. */
import type { Domain } from "../domain.ts";
import type { Layers } from "./contract.ts";
import { versionTooSmall } from "./errors.ts";
import { LAYER_VERSION, MAX_LAYER_VERSION, layerVersionKey } from "./keys.ts";
import { addPermission, policyOf, removePermission } from "./policy.ts";
import { publishLayer } from "./publish.ts";
import { getLayer, listLayers, listLayerVersions } from "./read.ts";

export function createLayers(domain: Domain): Layers {
  const { documents } = domain;
  return {
    publish: (owner, name, request) => publishLayer(domain, owner, name, request),
    get: (account, owner, name, version) => getLayer(documents, account, owner, name, version),
    list: (owner, query) => listLayers(documents, owner, query),
    listVersions: (owner, name, query) => listLayerVersions(documents, owner, name, query),
    async remove(owner, name, version) {
      if (version < 1) throw versionTooSmall();
      if (version > MAX_LAYER_VERSION) return;
      if (await documents.remove(LAYER_VERSION, layerVersionKey(owner, name, version))) domain.collection.request();
    },
    addPermission: (owner, name, version, request) => addPermission(documents, owner, name, version, request),
    removePermission: (owner, name, version, request) => removePermission(documents, owner, name, version, request),
    policy: (owner, name, version) => policyOf(documents, owner, name, version),
  };
}
