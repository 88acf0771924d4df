/** Writes entries as a zip. The same content gives the same bytes: order, times and modes do not depend on the machine. */
import { ZipFile } from "yazl";
import { CommandError } from "../errors.ts";
import { megabytes } from "../size.ts";
import type { Entry } from "./entries.ts";

/** AWS's quotas: a zip in a request, and what is in it. */
export const MAX_ZIPPED_BYTES = 50 * 1024 * 1024;
export const MAX_UNZIPPED_BYTES = 250 * 1024 * 1024;

const LINK = 0o120777;
const FILE = 0o100000;
const FOLDER = 0o040000;

export async function zipEntries(entries: readonly Entry[]): Promise<Buffer> {
  const unzipped = entries.reduce((sum, entry) => sum + (entry.kind === "file" ? entry.size : 0), 0);
  if (unzipped > MAX_UNZIPPED_BYTES) throw tooLarge("unzipped", unzipped, MAX_UNZIPPED_BYTES, entries);

  const zip = new ZipFile();
  const failed = new Promise<never>((_, reject) => zip.once("error", reject));
  // The DOS form of a time has no zone: these bytes are the same everywhere.
  const times = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true };
  for (const entry of entries) {
    if (entry.kind === "file") zip.addFile(entry.from, entry.path, { ...times, mode: FILE | entry.mode });
    else if (entry.kind === "folder") zip.addEmptyDirectory(entry.path, { ...times, mode: FOLDER | entry.mode });
    else zip.addBuffer(Buffer.from(entry.target), entry.path, { ...times, mode: LINK, compress: false });
  }
  zip.end();
  return Promise.race([collect(zip, entries), failed]);
}

async function collect(zip: ZipFile, entries: readonly Entry[]): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of zip.outputStream) {
    const chunk = Buffer.from(part);
    parts.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_ZIPPED_BYTES) throw tooLarge("zipped", bytes, MAX_ZIPPED_BYTES, entries);
  }
  return Buffer.concat(parts);
}

export function tooLarge(what: string, bytes: number, most: number, entries: readonly Entry[] = []): CommandError {
  const atLeast = what === "zipped" ? "more than " : "";
  const largest = largestFolders(entries);
  return new CommandError(
    `The code is ${atLeast}${megabytes(bytes)} ${what}; Lambda takes at most ${megabytes(most)}.`,
    `${largest === "" ? "" : `The largest parts: ${largest}. `}.kilnignore leaves out what the function does not need.`,
  );
}

/** The three folders (of node_modules: packages) that have the most bytes. */
function largestFolders(entries: readonly Entry[]): string {
  const sizes = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    const folder = /^(?:node_modules\/(?:@[^/]+\/)?[^/]+|[^/]+)/.exec(entry.path)?.[0] ?? entry.path;
    sizes.set(folder, (sizes.get(folder) ?? 0) + entry.size);
  }
  const largest = [...sizes].sort(([, a], [, b]) => b - a).slice(0, 3);
  return largest.map(([folder, size]) => `${folder} ${megabytes(size)}`).join(", ");
}
