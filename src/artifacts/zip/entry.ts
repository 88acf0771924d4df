/** One file, directory or symbolic link of a zip, checked: safe to make below any directory. */
export interface ZipEntry {
  /** Relative, `/`-separated, without `.`, `..` or empty parts. */
  path: string;
  kind: "file" | "directory" | "link";
  /** Permission bits only. */
  mode: number;
  /** Whole seconds since the epoch. */
  mtime: number;
  content: Content;
}

/** Where an entry's bytes are, and what they must be. */
export interface Content {
  /** A view of the zip. */
  raw: Uint8Array;
  deflated: boolean;
  size: number;
  crc32: number;
}

export const noContent: Content = { raw: new Uint8Array(), deflated: false, size: 0, crc32: 0 };
