/**
 * Code of functions and layers: checked, stored as it came, and made into images.
 *
 * Inflating is the only way to check all of a zip, so `put` writes the image while it checks, and `prepare` finds it there:
 * one pass over the data. `prepare` makes the image anew from the stored zip where it is missing: after a kill between the
 * two, or on another machine.
 *
 * Zips are encrypted by the Blobs that are given here. Images are in the clear, and derived: they belong into memory, where
 * those that were used longest ago make room for others (docs/decisions/0022-images-of-code-are-in-memory.md).
 */
import { systemClock, type Clock } from "../base/clock.ts";
import { KilnError, ServiceError } from "../base/errors.ts";
import { hash } from "node:crypto";
import type { Blobs } from "../store/contract.ts";
import type { Artifacts } from "./contract.ts";
import type { ImageFiles } from "./image-files.ts";
import { createSlots } from "./slots.ts";
import { mergedEntries, mergedId } from "./merge.ts";
import { imageEntries } from "./zip/image-entries.ts";
import { openZip, sealZip } from "./sealed-zip.ts";
import { readZip, type ZipListing } from "./zip/read-zip.ts";

/** An artifact is put before the document that names it: collection leaves young ones alone. */
const YOUNG_MS = 60 * 60_000;

export interface ArtifactsOptions {
  /** For artifacts alone: `collect` deletes every blob that it is not told of. */
  blobs: Blobs;
  files: ImageFiles;
  clock?: Clock;
}

export function createArtifacts({ blobs, files, clock = systemClock }: ArtifactsOptions): Artifacts {
  /** A put and a deletion of the same content do not overlap. */
  const changes = createSlots(1);
  /** When an artifact was put, by id; in ms since the epoch. */
  const young = new Map<string, number>();

  async function zipOf(id: string, key: Uint8Array | undefined): Promise<Uint8Array | undefined> {
    const bytes = await (await blobs.get(id))?.bytes();
    return bytes === undefined || key === undefined ? bytes : openZip(bytes, key);
  }

  async function listingOf(id: string, key: Uint8Array | undefined): Promise<ZipListing> {
    const zip = await zipOf(id, key);
    if (zip === undefined) throw new KilnError("ARTIFACT_MISSING", `There is no artifact ${id}.`);
    return readZip(zip);
  }

  async function buildFromBlobs(target: string, ids: readonly string[], key: Uint8Array | undefined): Promise<void> {
    try {
      const listings: ZipListing[] = [];
      for (const id of ids) listings.push(await listingOf(id, key));
      await files.write(mergedEntries(listings.map(imageEntries)), async () => target);
    } catch (error) {
      // They were good when they were put: not the caller's mistake now.
      if (!(error instanceof ServiceError)) throw error;
      throw new KilnError("ARTIFACT_DAMAGED", `A stored zip of ${ids.join(", ")} cannot be read any more.`, {
        hint: "Update the function's code and layers, or restore the state directory from a backup.",
        cause: error,
      });
    }
  }

  /** The image with the id `target`, made of these artifacts where it is missing. */
  const prepared = (target: string, ids: readonly string[], key?: Uint8Array) =>
    files.prepared(target, () => buildFromBlobs(target, ids, key));

  return {
    put: (zip, key) =>
      files.run(async () => {
        let blob = "";
        const listing = await readZip(zip);
        await files.write(imageEntries(listing), () =>
          changes.run(async () => {
            blob = (await blobs.put(key === undefined ? zip : sealZip(zip, key))).id;
            young.set(blob, clock());
            return blob;
          }),
        );
        return {
          blob,
          codeSha256: key === undefined ? Buffer.from(blob, "hex").toString("base64") : hash("sha256", zip, "base64"),
          size: zip.byteLength,
          unzippedSize: listing.unzippedBytes,
        };
      }),

    prepare: (id, key) => prepared(id, [id], key),
    prepareMerged: (ids) => prepared(mergedId(ids), ids),

    read: zipOf,

    async collect(inUse) {
      const now = clock();
      for (const [id, since] of young) if (now - since > YOUNG_MS) young.delete(id);
      const merged = new Set(Array.from(inUse.merged, mergedId));
      const kept = (id: string) => inUse.blobs.has(id) || merged.has(id) || young.has(id) || files.isBuilding(id);
      let forgotten = 0;
      for await (const id of blobs.list()) {
        if (await changes.run(async () => !kept(id) && (await blobs.delete(id)))) forgotten += 1;
      }
      await files.removeExcept(kept);
      return forgotten;
    },
  };
}
