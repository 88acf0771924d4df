import type { ImageEntry } from "../erofs/image-entry.ts";
import { contentPieces } from "./content.ts";
import type { ZipListing } from "./read-zip.ts";

/** The entries of a zip as those of an image. Reading one throws ServiceError when the zip lies about its content. */
export function imageEntries(listing: ZipListing): ImageEntry[] {
  return listing.entries.map(({ path, kind, mode, mtime, content }) => ({
    path,
    kind,
    mode,
    mtime,
    size: content.size,
    read: () => contentPieces(content),
  }));
}
