/** Where everything lies in an image: superblock and inodes, then the directories, then the contents in the order of the entries. */
import { BLOCK_BYTES, direntsBytes, FIRST_INODE_OFFSET, INODE_BYTES, splitDirents, type Dirent } from "./format.ts";
import type { ImageEntry } from "./image-entry.ts";

export interface Placed {
  entry: Omit<ImageEntry, "path">;
  /** In the table of inodes. */
  place: number;
  size: number;
  firstBlock: number;
  links: number;
  /** A directory's blocks; none for others. */
  dirents: Dirent[][];
}

export interface Layout {
  /** By place; the root is the first. */
  nodes: readonly Placed[];
  /** Blocks of superblock and inodes. */
  metaBlocks: number;
  blocks: number;
}

const ROOT_MODE = 0o755;
const rootEntry: Placed["entry"] = {
  kind: "directory",
  mode: ROOT_MODE,
  mtime: 0,
  size: 0,
  async *read() {},
};

/** Every directory on the way to an entry stands before it. */
export function layOut(entries: readonly ImageEntry[]): Layout {
  const nodes: Placed[] = [];
  const directories = new Map<string, { node: Placed; children: Dirent[]; parent: number }>();
  /** Files that have more than one name, by their first. */
  const shared = new Map<string, Placed>();
  const named = new Set(entries.flatMap(({ same }) => same ?? []));

  function add(entry: Placed["entry"], path: string, parent: number): Placed {
    const node: Placed = { entry, place: nodes.length, size: entry.size, firstBlock: 0, links: 1, dirents: [] };
    nodes.push(node);
    if (entry.kind === "directory") {
      node.links = 2;
      directories.set(path, { node, children: [], parent });
    }
    return node;
  }

  add(rootEntry, "", 0);
  for (const entry of entries) {
    const slash = entry.path.lastIndexOf("/");
    const parent = directories.get(slash < 0 ? "" : entry.path.slice(0, slash));
    if (parent === undefined) throw new RangeError(`No directory for ${entry.path}`);
    const node = entry.same === undefined ? add(entry, entry.path, parent.node.place) : shared.get(entry.same);
    if (node === undefined) throw new RangeError(`No file ${entry.same} for ${entry.path}`);
    if (entry.same !== undefined) node.links += 1;
    if (named.has(entry.path)) shared.set(entry.path, node);
    if (entry.kind === "directory") parent.node.links += 1;
    parent.children.push({ name: Buffer.from(entry.path.slice(slash + 1)), place: node.place, kind: entry.kind });
  }

  const metaBlocks = blocksFor(FIRST_INODE_OFFSET + nodes.length * INODE_BYTES);
  let next = metaBlocks;
  for (const { node, children, parent } of directories.values()) {
    children.push({ name: Buffer.from("."), place: node.place, kind: "directory" });
    children.push({ name: Buffer.from(".."), place: parent, kind: "directory" });
    // The kernel searches names by halving: their order is that of their bytes.
    node.dirents = splitDirents(children.sort((one, other) => Buffer.compare(one.name, other.name)));
    node.size = (node.dirents.length - 1) * BLOCK_BYTES + direntsBytes(node.dirents.at(-1) ?? []);
    node.firstBlock = next;
    next += node.dirents.length;
  }
  for (const node of nodes) {
    if (node.entry.kind === "directory") continue;
    // The kernel wants an address within the image, also where there is nothing to read.
    node.firstBlock = node.size === 0 ? 0 : next;
    next += blocksFor(node.size);
  }
  return { nodes, metaBlocks, blocks: next };
}

function blocksFor(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES);
}
