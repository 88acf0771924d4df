import type { Entry } from "yauzl";
import { badZip } from "./refusal.ts";
import type { ZipEntry } from "./entry.ts";

/** Hosts of `version made by` whose external attributes hold a Unix mode (APPNOTE.TXT 4.4.2). */
const UNIX = 3;
const DARWIN = 19;

const FORMAT = 0o170000;
const REGULAR = 0o100000;
const DIRECTORY = 0o040000;
const LINK = 0o120000;
const PERMISSIONS = 0o777;

export const DEFAULT_FILE_MODE = 0o644;
export const DEFAULT_DIRECTORY_MODE = 0o755;

/**
 * What an entry is, and its permissions. AWS keeps the permissions of the zip: a file without read permission for everyone
 * fails in the function with EACCES, as it does there
 * (https://docs.aws.amazon.com/lambda/latest/dg/deployment-package-v2.html). Entries without a Unix mode get the usual one.
 * Directories can always be entered and listed. setuid, setgid and sticky bits are dropped.
 */
export function kindAndMode(entry: Entry): Pick<ZipEntry, "kind" | "mode"> {
  const host = entry.versionMadeBy >>> 8;
  const unixMode = host === UNIX || host === DARWIN ? entry.externalFileAttributes >>> 16 : 0;
  const kind = kindOf(entry, unixMode & FORMAT);
  if (kind === "link") return { kind, mode: PERMISSIONS };
  if (kind === "directory") {
    return { kind, mode: unixMode === 0 ? DEFAULT_DIRECTORY_MODE : (unixMode & PERMISSIONS) | 0o555 };
  }
  return { kind, mode: unixMode === 0 ? DEFAULT_FILE_MODE : unixMode & PERMISSIONS };
}

function kindOf(entry: Entry, format: number): ZipEntry["kind"] {
  const named = entry.fileName.endsWith("/");
  if (named || format === DIRECTORY) {
    // Some tools give directories the format of a file; the name decides, as long as there is nothing in it.
    if (format === LINK || entry.uncompressedSize !== 0) throw badZip(`directory with content: ${entry.fileName}`);
    return "directory";
  }
  if (format === 0 || format === REGULAR) return "file";
  if (format === LINK) return "link";
  throw badZip(`device, pipe or socket: ${entry.fileName}`);
}
