import type { Artifacts, Images } from "../../artifacts/contract.ts";
import type { FunctionTree } from "../../sandbox/contract.ts";
import type { FunctionVersion } from "../contract.ts";
import { keyOfCode, type CodeKeys } from "../code-keys.ts";
import type { Scope } from "../../base/scope.ts";
import type { UsedLayer } from "./contract.ts";

export function layerBlobs(layers: readonly UsedLayer[]): string[] {
  return layers.map(({ code }) => code.blob);
}

/** Where the files of a version are: its code and layers, or the root file system of its container image. */
export interface PreparedTree {
  tree: FunctionTree;
  root?: string;
}

export interface TreeOptions {
  artifacts: Artifacts;
  images: Images;
  /** Absent: there is no code under keys of users. */
  codeKeys?: CodeKeys | undefined;
}

/**
 * The images of a version's code and layers; those that are missing are made. Throws what the preparation throws, and
 * ServiceError KMS… where the key of the code cannot be used, also while its image is there.
 */
export async function preparedTree(
  { artifacts, images, codeKeys }: TreeOptions,
  scope: Scope,
  name: string,
  version: FunctionVersion,
): Promise<PreparedTree> {
  if (version.code.image !== undefined) return { tree: {}, root: await images.prepare(version.code) };
  const key = await keyOfCode(codeKeys, scope, name, version.code);
  const blobs = layerBlobs(version.layers ?? []);
  const [code, layers] = await Promise.all([
    artifacts.prepare(version.code.blob, key),
    blobs.length === 0 ? undefined : artifacts.prepareMerged(blobs),
  ]);
  return { tree: layers === undefined ? { code } : { code, layers } };
}
