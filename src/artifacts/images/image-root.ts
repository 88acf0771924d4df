/** What a root file system needs that jails are made of, whatever the image has at these paths. */
import { newDirectory, type DirectoryNode, type FileNode } from "./tree.ts";

/** Where the first process of a jail lies in an image of a function. */
export const INIT_PATH = "/.kiln/init";

/** Of the layer of files that are Kiln's own. */
export const OWN = -1;

/** Mount points have to be there, because the root is read-only, and to be no links, which would lead somewhere else. */
const MOUNT_POINTS = ["proc", "dev", "tmp"];

/** @param initBytes Size of the first process's program. */
export function addJailRoot(root: DirectoryNode, initBytes: number): void {
  for (const name of MOUNT_POINTS) place(root, name, newDirectory());
  // Of shared file systems.
  directoryIn(root, "mnt");
  const own = newDirectory();
  place(root, ".kiln", own);
  own.children.set("init", { node: ownFile(0o755, initBytes), layer: OWN });
  const etc = directoryIn(root, "etc");
  // Replaced by the jail's own where functions have a network.
  etc.children.set("resolv.conf", { node: ownFile(0o644, 0), layer: OWN });
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

function ownFile(mode: number, size: number): FileNode {
  return { kind: "file", mode, mtime: 0, size, layer: OWN, entry: 0 };
}
