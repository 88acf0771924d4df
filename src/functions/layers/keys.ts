/** Names of the documents of layers. */
import type { Scope } from "../../base/scope.ts";
import { scopePrefix } from "../keys.ts";

/** `account/region/name` → LayerDocument */
export const LAYER = "layer";
/** `account/region/name/number` → LayerVersion, the number counted down from the highest: the newest version comes first. */
export const LAYER_VERSION = "layer-version";

const DIGITS = 12;

/** What a version number can be at most: it is part of a key of fixed width. */
export const MAX_LAYER_VERSION = 10 ** DIGITS - 1;

export function layerKey(owner: Scope, name: string): string {
  return `${scopePrefix(owner)}${name}`;
}

export function layerVersionPrefix(owner: Scope, name: string): string {
  return `${layerKey(owner, name)}/`;
}

export function layerVersionKey(owner: Scope, name: string, version: number): string {
  return `${layerVersionPrefix(owner, name)}${String(MAX_LAYER_VERSION - version).padStart(DIGITS, "0")}`;
}
