/**
 * A tree as the entries of an EROFS image. Files stand in the order in which the layers have them, so that their contents
 * are written while the layers are read once more, from front to back.
 */
import { KilnError } from "../../base/errors.ts";
import type { ImageEntry } from "../erofs/image-entry.ts";
import type { OpenLayer } from "./flatten.ts";
import { OWN, type OwnFiles } from "./image-root.ts";
import { decompressed } from "./tar/decompress.ts";
import { readTar, type TarEntry } from "./tar/read-tar.ts";
import type { DirectoryNode, FileNode, LinkNode, Node } from "./tree.ts";

/** What every user may do with a link. */
const LINK_MODE = 0o777;

export interface TreeContent {
  layers: readonly OpenLayer[];
  /** Of Kiln's own. */
  own: OwnFiles;
}

/** The entries are to be read in their order, and once. `close` lets go of the layer that is being read. */
export function imageEntries(
  root: DirectoryNode,
  content: TreeContent,
): { entries: ImageEntry[]; close(): Promise<void> } {
  const directories: ImageEntry[] = [];
  const links: ImageEntry[] = [];
  const files: { path: string; node: FileNode }[] = [];
  for (const { path, node } of walk(root, "")) {
    if (node.kind === "directory")
      directories.push({ path, kind: "directory", mode: node.mode, mtime: node.mtime, size: 0, read: nothing });
    else if (node.kind === "link") links.push(linkEntry(path, node));
    else files.push({ path, node });
  }
  files.sort((one, other) => one.node.layer - other.node.layer || one.node.entry - other.node.entry);
  const reader = contentReader(content);
  const first = new Map<FileNode, string>();
  const fileEntries = files.map(({ path, node }): ImageEntry => {
    const { mode, mtime, size } = node;
    const same = first.get(node);
    if (same !== undefined) return { path, kind: "file", mode, mtime, size, same, read: nothing };
    first.set(node, path);
    return { path, kind: "file", mode, mtime, size, read: () => reader.read(node) };
  });
  return { entries: [...directories, ...links, ...fileEntries], close: () => reader.close() };
}

function* walk(directory: DirectoryNode, prefix: string): Generator<{ path: string; node: Node }> {
  for (const [name, { node }] of directory.children) {
    const path = `${prefix}${name}`;
    yield { path, node };
    if (node.kind === "directory") yield* walk(node, `${path}/`);
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function linkEntry(path: string, { mtime, target }: LinkNode): ImageEntry {
  const bytes = Buffer.from(target);
  return {
    path,
    kind: "link",
    mode: LINK_MODE,
    mtime,
    size: bytes.byteLength,
    async *read() {
      yield bytes;
    },
  };
}

function contentReader({ layers, own }: TreeContent): {
  read(node: FileNode): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
} {
  let layer = OWN;
  /** Number of the entry that comes next. */
  let next = 0;
  let entries: AsyncGenerator<TarEntry> | undefined;

  async function close(): Promise<void> {
    await entries?.return(undefined);
    entries = undefined;
  }

  async function find(node: FileNode): Promise<TarEntry> {
    if (entries === undefined || node.layer !== layer) {
      await close();
      const opened = layers[node.layer];
      if (opened === undefined) throw new RangeError(`no layer ${node.layer}`);
      entries = readTar(decompressed(await opened.open()));
      layer = node.layer;
      next = 0;
    }
    for (;;) {
      const { value, done } = await entries.next();
      if (done === true) throw changed();
      next += 1;
      if (next > node.entry) return value;
    }
  }

  return {
    close,
    async *read(node) {
      if (node.layer === OWN) {
        yield own.get(node) ?? new Uint8Array(0);
        return;
      }
      const entry = await find(node);
      if (entry.kind !== "file" || entry.size !== node.size) throw changed();
      yield* entry.content();
    },
  };
}

function changed(): KilnError {
  return new KilnError("LAYER_CHANGED", "A stored layer of a container image is not what it was when it was checked.");
}
