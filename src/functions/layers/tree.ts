import type { Artifacts, Images } from "../../artifacts/contract.ts";
import type { FunctionTree } from "../../sandbox/contract.ts";
import type { FunctionVersion } from "../contract.ts";
import type { UsedLayer } from "./contract.ts";

export function layerBlobs(layers: readonly UsedLayer[]): string[] {
  return layers.map(({ code }) => code.blob);
}

/** Where the files of a version are: its code and layers, or the root file system of its container image. */
export interface PreparedTree {
  tree: FunctionTree;
  root?: string;
}

/** The images of a version's code and layers; those that are missing are made. Throws what the preparation throws. */
export async function preparedTree(
  { artifacts, images }: { artifacts: Artifacts; images: Images },
  version: FunctionVersion,
): Promise<PreparedTree> {
  if (version.code.image !== undefined) return { tree: {}, root: await images.prepare(version.code) };
  const blobs = layerBlobs(version.layers ?? []);
  const [code, layers] = await Promise.all([
    artifacts.prepare(version.code.blob),
    blobs.length === 0 ? undefined : artifacts.prepareMerged(blobs),
  ]);
  return { tree: layers === undefined ? { code } : { code, layers } };
}
