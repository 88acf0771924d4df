/** Reading and changing the documents of layers. */
import type { Scope } from "../../base/scope.ts";
import type { Documents, Stored } from "../../store/contract.ts";
import { tryBatch } from "../documents.ts";
import type { LayerVersion } from "./contract.ts";
import { layerConflict, noSuchVersion, versionTooSmall } from "./errors.ts";
import { LAYER_VERSION, MAX_LAYER_VERSION, layerVersionKey } from "./keys.ts";

/** Attempts before a change gives up; each loss means that another change has won. */
export const ATTEMPTS = 32;

/** Undefined when there is none. Throws InvalidParameterValueException for a number that no version has. */
export async function readLayerVersion(
  documents: Documents,
  owner: Scope,
  name: string,
  version: number,
): Promise<Stored<LayerVersion> | undefined> {
  if (version < 1) throw versionTooSmall();
  if (version > MAX_LAYER_VERSION) return undefined;
  return documents.get<LayerVersion>(LAYER_VERSION, layerVersionKey(owner, name, version));
}

/** Applies `decide`, which may run several times and throws to refuse. Throws ResourceNotFoundException. */
export async function changeLayerVersion<V extends LayerVersion>(
  documents: Documents,
  owner: Scope,
  name: string,
  version: number,
  decide: (current: LayerVersion) => V,
): Promise<V> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const stored = await readLayerVersion(documents, owner, name, version);
    if (!stored) throw noSuchVersion(owner, name, version);
    const changed = decide(stored.value);
    const write = { kind: LAYER_VERSION, key: stored.key, value: changed, version: stored.version };
    if (await tryBatch(documents, [{ op: "replace", ...write }])) return changed;
  }
  throw layerConflict();
}
