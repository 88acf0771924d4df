/**
 * Reads the directory of a zip and checks everything that can be known without inflating. The bytes of the entries are
 * checked when they are read, by contentPieces.
 */
import { fromBufferPromise, type Entry, type ZipFile } from "yauzl";
import { ServiceError } from "../../base/errors.ts";
import { wholeContent } from "./content.ts";
import { kindAndMode } from "./entry-mode.ts";
import { pathParts } from "./entry-path.ts";
import { noContent, type Content, type ZipEntry } from "./entry.ts";
import { defaultZipLimits, MAX_PATH_BYTES, type ZipLimits } from "./limits.ts";
import { checkLinks, linkTarget } from "./links.ts";
import { badZip, emptyZip, tooLargeUnzipped } from "./refusal.ts";
import { createTree, type Node } from "./tree.ts";

export interface ZipListing {
  /** Parents before what is in them. */
  entries: readonly ZipEntry[];
  unzippedBytes: number;
}

/** General purpose bits: encrypted, strongly encrypted, central directory encrypted (APPNOTE.TXT 4.4.4). */
const ENCRYPTED = 0x1 | 0x40 | 0x2000;
const STORED = 0;
const DEFLATED = 8;
const LATEST_MTIME = 0xffff_ffff;

/** Throws ServiceError InvalidParameterValueException in AWS's words. */
export async function readZip(bytes: Uint8Array, limits: ZipLimits = defaultZipLimits): Promise<ZipListing> {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (zip.length === 0) throw emptyZip();
  try {
    const file = await fromBufferPromise(zip, { strictFileNames: true, validateEntrySizes: true });
    return await listEntries(zip, file, limits);
  } catch (error) {
    // The reader's own errors are plain ones: this is a zip that it cannot read.
    throw error instanceof ServiceError ? error : badZip(error);
  }
}

async function listEntries(zip: Buffer, file: ZipFile, limits: ZipLimits): Promise<ZipListing> {
  if (file.entryCount === 0) throw emptyZip();
  if (file.entryCount > limits.entries) throw badZip(`more than ${limits.entries} entries`);
  const tree = createTree(limits.entries);
  const links: Node[] = [];
  let compressedBytes = 0;
  let unzippedBytes = 0;
  for await (const entry of file.eachEntry()) {
    compressedBytes += entry.compressedSize;
    unzippedBytes += entry.uncompressedSize;
    // Entries that share bytes make little data into much work.
    if (compressedBytes > zip.length) throw badZip("entries overlap");
    if (unzippedBytes >= limits.unzippedBytes) throw tooLargeUnzipped(limits.unzippedBytes);
    const parts = pathParts(entry.fileName);
    const { kind, mode } = kindAndMode(entry);
    if (parts.length === 0 && kind === "directory") continue;
    const content = kind === "directory" ? noContent : await contentOf(zip, file, entry);
    const node = tree.add(parts, { kind, mode, mtime: mtimeOf(entry), content });
    if (kind === "link") {
      if (content.size > MAX_PATH_BYTES) throw badZip("a link's target is too long");
      node.target = linkTarget((await wholeContent(content)).toString());
      links.push(node);
    }
  }
  checkLinks(links);
  return { entries: tree.entries, unzippedBytes };
}

async function contentOf(zip: Buffer, file: ZipFile, entry: Entry): Promise<Content> {
  if ((entry.generalPurposeBitFlag & ENCRYPTED) !== 0) throw badZip(`encrypted entry: ${entry.fileName}`);
  const { compressionMethod: method, compressedSize, uncompressedSize: size, crc32 } = entry;
  if (method !== STORED && method !== DEFLATED) throw badZip(`compression method ${method}`);
  const { fileDataStart } = await file.readLocalFileHeaderPromise(entry, { minimal: true });
  const raw = zip.subarray(fileDataStart, fileDataStart + compressedSize);
  return { raw, deflated: method === DEFLATED, size, crc32 };
}

/** DOS dates have no time zone; taken as UTC, so that an image does not depend on where it was built. */
function mtimeOf(entry: Entry): number {
  const seconds = Math.trunc(entry.getLastModDate({ timezone: "UTC" }).getTime() / 1000);
  return Number.isNaN(seconds) ? 0 : Math.min(Math.max(seconds, 0), LATEST_MTIME);
}
