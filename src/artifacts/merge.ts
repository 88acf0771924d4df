/**
 * Several trees on top of one another, as Lambda extracts layers into /opt: later ones overwrite earlier ones
 * (https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html). Directories are united; of anything else at one path
 * the last tree's is there, with what lies below it.
 *
 * A symbolic link that stays within its own tree may lead elsewhere once another tree has replaced a directory on its
 * way. Nobody follows links of an image but the function's own processes, inside their jail.
 */
import { createHash } from "node:crypto";
import type { ImageEntry } from "./erofs/image-entry.ts";

/** Name of the merged image of these artifacts in this order. One artifact alone shares the image that code has. */
export function mergedId(ids: readonly string[]): string {
  const [first, ...others] = ids;
  if (first === undefined) throw new RangeError("nothing to merge");
  return others.length === 0
    ? first
    : createHash("sha256")
        .update(`merged\n${ids.join("\n")}`)
        .digest("hex");
}

/** Parents stand before what is in them, in each tree and in the result. */
export function mergedEntries(trees: readonly (readonly ImageEntry[])[]): readonly ImageEntry[] {
  const [only, ...others] = trees;
  if (only !== undefined && others.length === 0) return only;
  const merged: ImageEntry[] = [];
  const kinds = new Map<string, ImageEntry["kind"]>();
  /** Directories that a file or link of an earlier tree would have replaced: nothing from before it is in them. */
  const sealed = new Set<string>();
  // From the last tree to the first: what is there already stays.
  for (const tree of trees.toReversed()) {
    /** Directories of this tree that something else has replaced. */
    const replaced = new Set<string>();
    for (const entry of tree) {
      const { path, kind } = entry;
      const there = kinds.get(path);
      const gone = replaced.has(parentOf(path));
      if (there === undefined && !gone) {
        kinds.set(path, kind);
        merged.push(entry);
      } else if (kind === "directory") {
        if (gone || there !== "directory" || sealed.has(path)) replaced.add(path);
      } else if (there === "directory") sealed.add(path);
    }
  }
  return merged;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
