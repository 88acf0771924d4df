/** The directory tree that the entries of a zip make. Refuses paths that exclude one another. */
import { DEFAULT_DIRECTORY_MODE } from "./entry-mode.ts";
import { noContent, type ZipEntry } from "./entry.ts";
import { badZip } from "./refusal.ts";

export interface Node {
  /** Undefined for the root. */
  parent: Node | undefined;
  children: Map<string, Node>;
  kind: ZipEntry["kind"];
  /** Only implied by the path of another entry so far. */
  implied: boolean;
  /** Parts of a link's target. */
  target?: string[];
}

export interface Tree {
  readonly root: Node;
  /** Parents stand before what is in them. */
  readonly entries: ZipEntry[];
  add(parts: readonly string[], entry: Omit<ZipEntry, "path">): Node;
}

/** mtime of directories that no entry describes: the earliest that a zip can hold. */
const IMPLIED_MTIME = Date.UTC(1980, 0, 1) / 1000;

export function createTree(maxEntries: number): Tree {
  const root: Node = { parent: undefined, children: new Map(), kind: "directory", implied: true };
  const entries: ZipEntry[] = [];
  const impliedEntries = new Map<Node, ZipEntry>();

  function make(parent: Node, name: string, entry: ZipEntry, implied: boolean): Node {
    if (entries.length >= maxEntries) throw badZip(`more than ${maxEntries} entries`);
    const node: Node = { parent, children: new Map(), kind: entry.kind, implied };
    parent.children.set(name, node);
    entries.push(entry);
    if (implied) impliedEntries.set(node, entry);
    return node;
  }

  function directoryFor(parts: readonly string[]): Node {
    let at = root;
    for (const [index, part] of parts.entries()) {
      const next = at.children.get(part);
      if (next !== undefined && next.kind !== "directory") {
        throw badZip(`an entry lies below a ${next.kind}: ${parts.join("/")}`);
      }
      at = next ?? make(at, part, impliedDirectory(parts.slice(0, index + 1).join("/")), true);
    }
    return at;
  }

  return {
    root,
    entries,
    add(parts, entry) {
      const name = parts.at(-1);
      if (name === undefined) throw badZip("an entry replaces the root");
      const parent = directoryFor(parts.slice(0, -1));
      const known = parent.children.get(name);
      if (known === undefined) return make(parent, name, { ...entry, path: parts.join("/") }, false);
      const implied = impliedEntries.get(known);
      if (!known.implied || entry.kind !== "directory" || implied === undefined) {
        throw badZip(`two entries with one path: ${parts.join("/")}`);
      }
      // The entry of a directory may come after what is in it.
      known.implied = false;
      implied.mode = entry.mode;
      implied.mtime = entry.mtime;
      return known;
    },
  };
}

function impliedDirectory(path: string): ZipEntry {
  return { path, kind: "directory", mode: DEFAULT_DIRECTORY_MODE, mtime: IMPLIED_MTIME, content: noContent };
}
