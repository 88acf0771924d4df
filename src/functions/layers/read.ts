/** Reading layers: one version, the newest of each, and the versions of one. */
import { layerArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { Documents } from "../../store/contract.ts";
import { walk } from "../documents.ts";
import { scopePrefix } from "../keys.ts";
import type { LayerListing, LayerQuery, LayerVersion } from "./contract.ts";
import { readLayerVersion } from "./documents.ts";
import { noSuchResource, notAllowed } from "./errors.ts";
import { LAYER_VERSION, layerVersionKey, layerVersionPrefix } from "./keys.ts";
import { allows } from "./policy.ts";

/** `GetLayerVersion`. An account that the policy does not name cannot tell whether there is such a version. */
export async function getLayer(
  documents: Documents,
  account: string,
  owner: Scope,
  name: string,
  version: number,
): Promise<LayerVersion> {
  const found = (await readLayerVersion(documents, owner, name, version))?.value;
  if (account !== owner.account && !allows(found?.policy, account)) {
    throw notAllowed(account, owner, layerArn(owner, name, version));
  }
  if (!found) throw noSuchResource();
  return found;
}

/** `ListLayers`. `after` is the name of the last layer of the page before. */
export async function listLayers(documents: Documents, owner: Scope, query: LayerQuery): Promise<LayerListing> {
  // The oldest version that there can be: what comes after it is the next layer.
  const from = query.after === undefined ? undefined : layerVersionKey(owner, query.after, 0);
  const items: LayerVersion[] = [];
  for await (const { value } of walk<LayerVersion>(documents, LAYER_VERSION, scopePrefix(owner), from)) {
    const last = items.at(-1);
    if (last?.name === value.name || !fits(value, query)) continue;
    if (last && items.length === query.limit) return { items, next: last.name };
    items.push(value);
  }
  return { items };
}

/** `ListLayerVersions`. `after` is the number of the last version of the page before. */
export async function listLayerVersions(
  documents: Documents,
  owner: Scope,
  name: string,
  query: LayerQuery,
): Promise<LayerListing> {
  const from = query.after === undefined ? undefined : layerVersionKey(owner, name, Number(query.after));
  const items: LayerVersion[] = [];
  for await (const { value } of walk<LayerVersion>(documents, LAYER_VERSION, layerVersionPrefix(owner, name), from)) {
    if (!fits(value, query)) continue;
    const last = items.at(-1);
    if (last && items.length === query.limit) return { items, next: String(last.version) };
    items.push(value);
  }
  return { items };
}

function fits(version: LayerVersion, { runtime, architecture }: LayerQuery): boolean {
  return (
    (runtime === undefined || (version.runtimes ?? []).includes(runtime)) &&
    (architecture === undefined || (version.architectures ?? []).includes(architecture))
  );
}
