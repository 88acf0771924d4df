/**
 * Function code: checked, stored as it came, and made into an image.
 *
 * Inflating is the only way to check all of a zip, so `put` writes the image while it checks, and `prepare` finds it there:
 * one pass over the data. `prepare` makes the image anew from the stored zip where it is missing: after a kill between the
 * two, or on another machine. An image is written in `aside`, which is emptied at the start, synced and renamed: what has
 * its name is whole.
 *
 * Encryption at rest of the zips has one place: the Blobs that are given here. A wrapper that encrypts on `put` and
 * decrypts on `get`, under the address of the plain content, needs no change in this folder. Images are in the clear, and
 * derived: they can be removed while Kiln stands still.
 */
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { systemClock, type Clock } from "../base/clock.ts";
import { explainDiskError } from "../base/disk-error.ts";
import { asideName, emptyAside, makeDirectory, syncDirectory, writeDurably } from "../base/durable-file.ts";
import { KilnError, ServiceError, systemCode } from "../base/errors.ts";
import type { Blobs } from "../store/contract.ts";
import type { Artifacts } from "./contract.ts";
import { writeImage } from "./erofs/write-image.ts";
import { createSlots } from "./slots.ts";
import { imageEntries } from "./zip/image-entries.ts";
import { readZip } from "./zip/read-zip.ts";

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
  clock?: Clock;
}

/** Throws KilnError `DISK_…` when the directory cannot be opened. */
export async function createArtifacts(options: ArtifactsOptions): Promise<Artifacts> {
  const { blobs, dir, clock = systemClock } = options;
  const images = join(dir, "images");
  const aside = join(dir, "aside");
  try {
    await makeDirectory(images);
    await emptyAside(aside);
  } catch (error) {
    throw explainDiskError(error, `open the artifacts in ${dir}`);
  }
  const work = createSlots(PARALLEL);
  /** A put and a deletion of the same content do not overlap. */
  const changes = createSlots(1);
  const building = new Map<string, Promise<string>>();
  /** When an artifact was put, by id; in ms since the epoch. */
  const young = new Map<string, number>();
  const imageOf = (id: string) => join(images, `${id}${SUFFIX}`);

  /** Writes the image of a zip under the id that `identify` gives once the zip has proved to be good. */
  async function image(zip: Uint8Array, identify: () => Promise<string>): Promise<void> {
    const listing = await readZip(zip);
    try {
      await writeDurably(
        join(aside, asideName()),
        (file) => writeImage(file, imageEntries(listing)),
        async () => imageOf(await identify()),
      );
    } catch (error) {
      throw explainDiskError(error, `write an image in ${images}`);
    }
  }

  async function buildFromBlob(id: string): Promise<string> {
    const zip = await (await blobs.get(id))?.bytes();
    if (zip === undefined) throw new KilnError("ARTIFACT_MISSING", `There is no artifact ${id}.`);
    try {
      await image(zip, async () => id);
    } catch (error) {
      // It was good when it was put: not the caller's mistake now.
      if (!(error instanceof ServiceError)) throw error;
      throw new KilnError("ARTIFACT_DAMAGED", `The stored zip ${id} cannot be read any more.`, {
        hint: "Update the function's code, or restore the state directory from a backup.",
        cause: error,
      });
    }
    return imageOf(id);
  }

  return {
    put: (zip) =>
      work.run(async () => {
        let stored = { id: "", size: 0 };
        await image(zip, () =>
          changes.run(async () => {
            stored = await blobs.put(zip);
            young.set(stored.id, clock());
            return stored.id;
          }),
        );
        return { blob: stored.id, codeSha256: Buffer.from(stored.id, "hex").toString("base64"), size: stored.size };
      }),

    async prepare(id) {
      if (await exists(imageOf(id))) return imageOf(id);
      const started = building.get(id);
      if (started !== undefined) return started;
      const task = work.run(() => buildFromBlob(id)).finally(() => building.delete(id));
      building.set(id, task);
      return task;
    },

    read: async (id) => (await blobs.get(id))?.bytes(),

    async collect(inUse) {
      const now = clock();
      for (const [id, since] of young) if (now - since > YOUNG_MS) young.delete(id);
      const kept = (id: string) => inUse.has(id) || young.has(id) || building.has(id);
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

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    },
  );
}
