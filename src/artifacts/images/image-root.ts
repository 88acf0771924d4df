/** What a root file system needs that jails are made of, whatever the image has at these paths. */
import { newDirectory, type DirectoryNode, type FileNode } from "./tree.ts";

/** Of the layer of files that are Kiln's own. */
export const OWN = -1;

/** Contents of files that are Kiln's own. */
export type OwnFiles = Map<FileNode, Uint8Array>;

/** Mount points have to be there, because the root is read-only, and to be no links, which would lead somewhere else. */
const MOUNT_POINTS = ["proc", "dev", "tmp"];

/** For a function's own image. @param init The program that is the first process: at `/.kiln/init`. */
export function addJailRoot(root: DirectoryNode, init: Uint8Array): OwnFiles {
  const own: OwnFiles = new Map();
  for (const name of MOUNT_POINTS) place(root, name, newDirectory());
  // Of shared file systems.
  directoryIn(root, "mnt");
  const kiln = newDirectory();
  place(root, ".kiln", kiln);
  addFile(kiln, "init", 0o755, init, own);
  // Replaced by the jail's own where functions have a network.
  addFile(directoryIn(root, "etc"), "resolv.conf", 0o644, new Uint8Array(0), own);
  return own;
}

export interface RuntimeFiles {
  init: Uint8Array;
  /** To /var/runtime; over what the image has there, or nothing. Names may have slashes. */
  bootstrap: readonly { name: string; content: Uint8Array; mode: number }[];
}

/** For the image of a runtime, which other images are mounted in. */
export function addRuntimeRoot(root: DirectoryNode, { init, bootstrap }: RuntimeFiles): OwnFiles {
  const own = addJailRoot(root, init);
  const variable = directoryIn(root, "var");
  place(variable, "task", newDirectory());
  place(root, "opt", newDirectory());
  const runtime = directoryIn(variable, "runtime");
  for (const { name, content, mode } of bootstrap) {
    const parts = name.split("/");
    const last = parts.pop() ?? name;
    let at = runtime;
    for (const part of parts) at = directoryIn(at, part);
    addFile(at, last, mode, content, own);
  }
  return own;
}

function place(parent: DirectoryNode, name: string, node: DirectoryNode): void {
  parent.children.set(name, { node, layer: OWN });
}

function directoryIn(parent: DirectoryNode, name: string): DirectoryNode {
  const found = parent.children.get(name)?.node;
  if (found?.kind === "directory") return found;
  const made = newDirectory();
  place(parent, name, made);
  return made;
}

function addFile(parent: DirectoryNode, name: string, mode: number, content: Uint8Array, own: OwnFiles): void {
  const node: FileNode = { kind: "file", mode, mtime: 0, size: content.byteLength, layer: OWN, entry: own.size };
  parent.children.set(name, { node, layer: OWN });
  own.set(node, content);
}
