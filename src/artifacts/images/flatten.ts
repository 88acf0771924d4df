/** Layers → one tree. Reads every layer to its end, so that all of it is checked, and keeps nothing of its content. */
import { createHash } from "node:crypto";
import { MAX_PATH_BYTES, type ImageLimits } from "./limits.ts";
import { badImage } from "./refusal.ts";
import { decompressed } from "./tar/decompress.ts";
import { readTar, type TarEntry } from "./tar/read-tar.ts";
import { directoryAt, hideLower, hideLowerAt, newDirectory, pathParts, type DirectoryNode, type Node } from "./tree.ts";

/** A layer that is there: opened as often as it is wanted. */
export interface OpenLayer {
  /** SHA-256 of the unpacked archive, lower-case hex, as the image's configuration says. */
  diffId: string;
  /** As it is stored, compressed or not. */
  open(): Promise<AsyncIterable<Uint8Array>>;
}

export interface Flattened {
  root: DirectoryNode;
  /** Sum of the sizes of all files that are left. */
  bytes: number;
}

const WHITEOUT = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** Of a file's mode: who runs it decides what it may, and nobody has more rights for it. */
const PERMISSIONS = 0o777;

interface Budget extends ImageLimits {
  /** Of this is used up as layers are read. */
  bytesLeft: number;
  entriesLeft: number;
}

/** Throws ImageRefusal. */
export async function flatten(layers: readonly OpenLayer[], limits: ImageLimits): Promise<Flattened> {
  const root = newDirectory();
  const budget = { ...limits, bytesLeft: limits.unpackedBytes, entriesLeft: limits.entries };
  for (const [number, layer] of layers.entries()) await addLayer(root, layer, number, budget);
  return { root, bytes: filesOf(root) };
}

async function addLayer(root: DirectoryNode, layer: OpenLayer, number: number, budget: Budget): Promise<void> {
  const hash = createHash("sha256");
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of decompressed(await layer.open())) {
      budget.bytesLeft -= piece.byteLength;
      if (budget.bytesLeft < 0) throw badImage(`the image has more than ${budget.unpackedBytes} bytes unpacked`);
      hash.update(piece);
      yield piece;
    }
  }
  let index = 0;
  for await (const entry of readTar(counted())) {
    budget.entriesLeft -= 1;
    if (budget.entriesLeft < 0) throw badImage(`the image has more than ${budget.entries} files`);
    addEntry(root, entry, number, index);
    index += 1;
  }
  if (hash.digest("hex") !== layer.diffId) throw badImage("a layer is not what the image's configuration says");
}

function addEntry(root: DirectoryNode, entry: TarEntry, layer: number, index: number): void {
  const parts = pathParts(entry.name);
  const name = parts.pop();
  if (name === undefined) {
    // The root itself.
    if (entry.kind === "directory") root.mtime = entry.mtime;
    return;
  }
  // Devices, pipes and sockets: nobody could open or use them.
  if (entry.kind === "other") {
    hideLowerAt(directoryAt(root, parts, layer), name, layer);
    return;
  }
  const parent = directoryAt(root, parts, layer);
  if (name === OPAQUE) {
    hideLower(parent, layer);
    return;
  }
  if (name.startsWith(WHITEOUT)) {
    const hidden = name.slice(WHITEOUT.length);
    if (!hidden.startsWith(WHITEOUT)) hideLowerAt(parent, hidden, layer);
    return;
  }
  const before = parent.children.get(name)?.node;
  if (entry.kind === "directory" && before?.kind === "directory") {
    before.mode = entry.mode & PERMISSIONS;
    before.mtime = entry.mtime;
    parent.children.set(name, { node: before, layer });
    return;
  }
  const node = nodeOf(root, entry, layer, index);
  parent.children.set(name, { node, layer });
}

function nodeOf(root: DirectoryNode, entry: TarEntry, layer: number, index: number): Node {
  const { kind, mtime, size } = entry;
  const mode = entry.mode & PERMISSIONS;
  if (kind === "directory") return newDirectory(mode, mtime);
  if (kind === "file") return { kind, mode, mtime, size, layer, entry: index };
  if (kind === "link") {
    if (entry.target === "") throw badImage("a layer has a link that leads nowhere");
    if (Buffer.byteLength(entry.target) >= MAX_PATH_BYTES) throw badImage("a layer has a link that is too long");
    return { kind, mtime, target: entry.target };
  }
  return linked(root, entry.target);
}

/** What a hard link stands for: the very file, also when its other name is taken away later. */
function linked(root: DirectoryNode, target: string): Node {
  const parts = pathParts(target);
  const name = parts.pop() ?? "";
  let at: Node | undefined = root;
  for (const part of parts) at = at?.kind === "directory" ? at.children.get(part)?.node : undefined;
  const node = at?.kind === "directory" ? at.children.get(name)?.node : undefined;
  if (node === undefined || node.kind === "directory") throw badImage(`a layer has a hard link to nothing: ${target}`);
  return node;
}

function filesOf(directory: DirectoryNode, seen = new Set<Node>()): number {
  let bytes = 0;
  for (const { node } of directory.children.values()) {
    if (node.kind === "directory") bytes += filesOf(node, seen);
    else if (node.kind === "file" && !seen.has(node)) {
      seen.add(node);
      bytes += node.size;
    }
  }
  return bytes;
}
