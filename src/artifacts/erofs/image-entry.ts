/** What an image is made of. */
export interface ImageEntry {
  /** Relative, `/`-separated, normal. */
  path: string;
  kind: "file" | "directory" | "link";
  /** Permission bits. */
  mode: number;
  /** Whole seconds since the epoch. */
  mtime: number;
  /** Bytes of the file, or of the link's target; 0 for a directory. */
  size: number;
  /** Path of an entry that stands before: this is another name of that very file (a hard link), and is not read. */
  same?: string;
  /** The content of a file or link: exactly `size` bytes, or it throws. */
  read(): AsyncIterable<Uint8Array>;
}
