import type { Scope } from "../../base/scope.ts";
import type { Write } from "../../store/contract.ts";
import { zipOf } from "../code.ts";
import { tryBatch } from "../documents.ts";
import type { Domain } from "../domain.ts";
import type { LayerDocument, LayerVersion, PublishRequest } from "./contract.ts";
import { ATTEMPTS } from "./documents.ts";
import { layerConflict } from "./errors.ts";
import { LAYER, LAYER_VERSION, layerKey, layerVersionKey } from "./keys.ts";

/** `PublishLayerVersion`: the next version, also when nothing has changed. */
export async function publishLayer(
  domain: Domain,
  owner: Scope,
  name: string,
  request: PublishRequest,
): Promise<LayerVersion> {
  const content = request.Content;
  const zip = await zipOf(domain, content);
  domain.requireRoom(owner, zip.byteLength);
  return domain.code.put(zip, async (code) => {
    const key = layerKey(owner, name);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const layer = await domain.documents.get<LayerDocument>(LAYER, key);
      const version: LayerVersion = {
        name,
        version: layer?.value.nextVersion ?? 1,
        code,
        description: request.Description ?? "",
        ...(request.LicenseInfo === undefined ? {} : { license: request.LicenseInfo }),
        ...(request.CompatibleRuntimes === undefined ? {} : { runtimes: request.CompatibleRuntimes }),
        ...(request.CompatibleArchitectures === undefined ? {} : { architectures: request.CompatibleArchitectures }),
        createdAt: domain.clock(),
      };
      const value: LayerDocument = { name, nextVersion: version.version + 1 };
      const counted: Write = layer
        ? { op: "replace", kind: LAYER, key, value, version: layer.version }
        : { op: "create", kind: LAYER, key, value };
      const created: Write = {
        op: "create",
        kind: LAYER_VERSION,
        key: layerVersionKey(owner, name, version.version),
        value: version,
      };
      if (await tryBatch(domain.documents, [counted, created])) return version;
    }
    throw layerConflict();
  });
}
