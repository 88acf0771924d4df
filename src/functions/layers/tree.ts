import type { Artifacts } from "../../artifacts/contract.ts";
import type { FunctionTree } from "../../sandbox/contract.ts";
import type { FunctionVersion } from "../contract.ts";
import type { UsedLayer } from "./contract.ts";

export function layerBlobs(layers: readonly UsedLayer[]): string[] {
  return layers.map(({ code }) => code.blob);
}

/** The images of a version's code and layers; those that are missing are made. Throws what the preparation throws. */
export async function preparedTree(artifacts: Artifacts, version: FunctionVersion): Promise<FunctionTree> {
  const blobs = layerBlobs(version.layers ?? []);
  const [code, layers] = await Promise.all([
    artifacts.prepare(version.code.blob),
    blobs.length === 0 ? undefined : artifacts.prepareMerged(blobs),
  ]);
  return layers === undefined ? { code } : { code, layers };
}
