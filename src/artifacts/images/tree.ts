/**
 * The tree that the layers of an image make, one after the other
 * (https://github.com/opencontainers/image-spec/blob/main/layer.md): names alone, no content. All paths lead within the tree,
 * because nothing else is there.
 */
import { MAX_DEPTH, MAX_NAME_BYTES, MAX_PATH_BYTES } from "./limits.ts";
import { badImage } from "./refusal.ts";

/** A file's content: that of one entry of one layer. */
export interface FileNode {
  kind: "file";
  mode: number;
  mtime: number;
  size: number;
  /** Number of the layer, and of its entry in there; -1 for what Kiln itself adds. */
  layer: number;
  entry: number;
}

export interface LinkNode {
  kind: "link";
  mtime: number;
  target: string;
}

export interface DirectoryNode {
  kind: "directory";
  mode: number;
  mtime: number;
  children: Map<string, Place>;
}

export type Node = FileNode | LinkNode | DirectoryNode;

/** What a name stands for, and the layer that said so. */
export interface Place {
  node: Node;
  layer: number;
}

/** Symbolic links on one way; Linux's own bound. */
const MAX_LINKS = 40;
const DEFAULT_MODE = 0o755;

export function newDirectory(mode = DEFAULT_MODE, mtime = 0): DirectoryNode {
  return { kind: "directory", mode, mtime, children: new Map() };
}

/** The parts of a path from the root. Throws ImageRefusal for one that leads up, or that Linux would not take. */
export function pathParts(path: string): string[] {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) throw badImage("a layer has a path that is too long");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.length > MAX_DEPTH) throw badImage("a layer has directories that are too deep");
  for (const part of parts) {
    if (part === "..") throw badImage(`a layer has a path that leads up: ${path}`);
    if (Buffer.byteLength(part) > MAX_NAME_BYTES) throw badImage("a layer has a name that is too long");
  }
  return parts;
}

/**
 * The directory that the parts lead to, made where it is missing. Links on the way are followed within the tree, as
 * container engines do that unpack a layer over the ones below it.
 */
export function directoryAt(root: DirectoryNode, parts: readonly string[], layer: number): DirectoryNode {
  let links = 0;
  /** From the root to where we are. */
  let way: DirectoryNode[] = [root];
  const left = [...parts];
  for (let part = left.shift(); part !== undefined; part = left.shift()) {
    const at = way.at(-1) ?? root;
    if (part === "..") {
      if (way.length > 1) way.pop();
      continue;
    }
    const found = at.children.get(part)?.node;
    if (found?.kind === "link") {
      links += 1;
      if (links > MAX_LINKS) throw badImage("a layer has links that lead in circles");
      if (found.target.startsWith("/")) way = [root];
      left.unshift(...found.target.split("/").filter((each) => each !== "" && each !== "."));
      if (left.length > MAX_PATH_BYTES) throw badImage("a layer has links that lead too far");
      continue;
    }
    let next = found;
    if (next?.kind !== "directory") {
      next = newDirectory();
      at.children.set(part, { node: next, layer });
    }
    way.push(next);
    if (way.length > MAX_DEPTH) throw badImage("a layer has directories that are too deep");
  }
  return way.at(-1) ?? root;
}

/** Takes away what layers below `layer` have put there. True when nothing is left. */
export function hideLower(directory: DirectoryNode, layer: number): boolean {
  for (const name of directory.children.keys()) hideLowerAt(directory, name, layer);
  return directory.children.size === 0;
}

export function hideLowerAt(directory: DirectoryNode, name: string, layer: number): void {
  const place = directory.children.get(name);
  if (place === undefined) return;
  const { node } = place;
  // What is in a directory may be of this layer although the directory is not.
  const empty = node.kind === "directory" ? hideLower(node, layer) : true;
  if (empty && place.layer < layer) directory.children.delete(name);
}
