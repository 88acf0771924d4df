/**
 * Code of functions and layers: checked, stored as it came, and made into images.
 *
 * Inflating is the only way to check all of a zip, so `put` writes the image while it checks, and `prepare` finds it there:
 * one pass over the data. `prepare` makes the image anew from the stored zip where it is missing: after a kill between the
 * two, or on another machine. An image is written in `aside`, which is emptied at the start, synced and renamed: what has
 * its name is whole.
 *
 * Zips are encrypted by the Blobs that are given here. Images are in the clear, and derived: they belong into memory, where
 * those that were used longest ago make room for others (docs/decisions/0022-images-of-code-are-in-memory.md).
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import { explainDiskError } from "../base/disk-error.ts";
import { asideName, emptyAside, makeDirectory, syncDirectory, writeDurably } from "../base/durable-file.ts";
import { KilnError, ServiceError } from "../base/errors.ts";
import type { Blobs } from "../store/contract.ts";
import type { Artifacts } from "./contract.ts";
import type { ImageEntry } from "./erofs/image-entry.ts";
import { writeImage } from "./erofs/write-image.ts";
import { createSlots } from "./slots.ts";
import { createImageShelf } from "./image-shelf.ts";
import { mergedEntries, mergedId } from "./merge.ts";
import { imageEntries } from "./zip/image-entries.ts";
import { readZip, type ZipListing } from "./zip/read-zip.ts";

/** Zips that are unpacked at once; more would be no faster, and each takes a megabyte and a share of the disk. */
const PARALLEL = 2;
/** An artifact is put before the document that names it: collection leaves young ones alone. */
const YOUNG_MS = 60 * 60_000;
const SUFFIX = ".erofs";

export interface ArtifactsOptions {
  /** For artifacts alone: `collect` deletes every blob that it is not told of. */
  blobs: Blobs;
  /** Images; belongs to this process alone. */
  dir: string;
  /** Bytes that the images may have; absent: as many as there are. */
  maxImageBytes?: number | undefined;
  clock?: Clock;
}

/** Throws KilnError `DISK_…` when the directory cannot be opened. */
export async function createArtifacts(options: ArtifactsOptions): Promise<Artifacts> {
  const { blobs, dir, clock = systemClock, maxImageBytes = Number.POSITIVE_INFINITY } = options;
  const images = join(dir, "images");
  const aside = join(dir, "aside");
  try {
    await makeDirectory(images);
    await emptyAside(aside);
  } catch (error) {
    throw explainDiskError(error, `open the artifacts in ${dir}`);
  }
  const shelf = createImageShelf({ maxBytes: maxImageBytes, clock });
  const work = createSlots(PARALLEL);
  /** A put and a deletion of the same content do not overlap. */
  const changes = createSlots(1);
  const building = new Map<string, Promise<string>>();
  /** When an artifact was put, by id; in ms since the epoch. */
  const young = new Map<string, number>();
  const imageOf = (id: string) => join(images, `${id}${SUFFIX}`);

  /** Writes an image under the id that `identify` gives once its content has proved to be good. */
  async function image(entries: readonly ImageEntry[], identify: () => Promise<string>): Promise<void> {
    try {
      await writeDurably(
        join(aside, asideName()),
        (file) => writeImage(file, entries),
        async () => {
          const path = imageOf(await identify());
          shelf.written(path);
          return path;
        },
      );
    } catch (error) {
      throw explainDiskError(error, `write an image in ${images}`);
    }
    await shelf.makeRoom();
  }

  async function listingOf(id: string): Promise<ZipListing> {
    const zip = await (await blobs.get(id))?.bytes();
    if (zip === undefined) throw new KilnError("ARTIFACT_MISSING", `There is no artifact ${id}.`);
    return readZip(zip);
  }

  async function buildFromBlobs(target: string, ids: readonly string[]): Promise<string> {
    try {
      const listings: ZipListing[] = [];
      for (const id of ids) listings.push(await listingOf(id));
      await image(mergedEntries(listings.map(imageEntries)), async () => target);
    } catch (error) {
      // They were good when they were put: not the caller's mistake now.
      if (!(error instanceof ServiceError)) throw error;
      throw new KilnError("ARTIFACT_DAMAGED", `A stored zip of ${ids.join(", ")} cannot be read any more.`, {
        hint: "Update the function's code and layers, or restore the state directory from a backup.",
        cause: error,
      });
    }
    return imageOf(target);
  }

  /** The image with the id `target`, made of these artifacts where it is missing; by one caller for all that ask. */
  async function prepared(target: string, ids: readonly string[]): Promise<string> {
    if (await shelf.use(imageOf(target))) return imageOf(target);
    const started = building.get(target);
    if (started !== undefined) return started;
    const task = work.run(() => buildFromBlobs(target, ids)).finally(() => building.delete(target));
    building.set(target, task);
    return task;
  }

  return {
    put: (zip) =>
      work.run(async () => {
        let stored = { id: "", size: 0 };
        const listing = await readZip(zip);
        await image(imageEntries(listing), () =>
          changes.run(async () => {
            stored = await blobs.put(zip);
            young.set(stored.id, clock());
            return stored.id;
          }),
        );
        return {
          blob: stored.id,
          codeSha256: Buffer.from(stored.id, "hex").toString("base64"),
          size: stored.size,
          unzippedSize: listing.unzippedBytes,
        };
      }),

    prepare: (id) => prepared(id, [id]),
    prepareMerged: (ids) => prepared(mergedId(ids), ids),

    read: async (id) => (await blobs.get(id))?.bytes(),

    async collect(inUse) {
      const now = clock();
      for (const [id, since] of young) if (now - since > YOUNG_MS) young.delete(id);
      const merged = new Set(Array.from(inUse.merged, mergedId));
      const kept = (id: string) => inUse.blobs.has(id) || merged.has(id) || young.has(id) || building.has(id);
      let forgotten = 0;
      for await (const id of blobs.list()) {
        if (await changes.run(async () => !kept(id) && (await blobs.delete(id)))) forgotten += 1;
      }
      for (const name of await readdir(images)) {
        if (!kept(name.slice(0, -SUFFIX.length))) await rm(join(images, name), { force: true });
      }
      await syncDirectory(images);
      return forgotten;
    },
  };
}
