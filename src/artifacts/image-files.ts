/**
 * The EROFS images of code: files that are whole or not there, each made once however many want it. An image is written
 * in `aside`, which is emptied at the start, synced and renamed.
 */
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../base/clock.ts";
import { explainDiskError } from "../base/disk-error.ts";
import { asideName, emptyAside, makeDirectory, syncDirectory, writeDurably } from "../base/durable-file.ts";
import type { ImageEntry } from "./erofs/image-entry.ts";
import { writeImage } from "./erofs/write-image.ts";
import { createImageShelf } from "./image-shelf.ts";
import { createSlots } from "./slots.ts";

/** What is unpacked at once; more would be no faster, and each takes a megabyte and a share of the disk. */
const PARALLEL = 2;
const SUFFIX = ".erofs";

export interface ImageFilesOptions {
  /** Belongs to this process alone. */
  dir: string;
  /** Bytes that the images may have. */
  maxBytes: number;
  clock: Clock;
}

export interface ImageFiles {
  readonly maxBytes: number;
  /** Unpacks something, when it is its turn. */
  run<T>(task: () => Promise<T>): Promise<T>;
  /** Writes an image under the id that `identify` gives once its content has proved to be good. */
  write(entries: readonly ImageEntry[], identify: () => Promise<string>): Promise<void>;
  /** Path of the image with this id, which `build` writes where it is missing; by one caller for all that ask. */
  prepared(id: string, build: () => Promise<void>): Promise<string>;
  /** Whether the image is being built now. */
  isBuilding(id: string): boolean;
  /** Removes the images that are not kept. */
  removeExcept(kept: (id: string) => boolean): Promise<void>;
}

/** Throws KilnError `DISK_…` when the directory cannot be opened. */
export async function openImageFiles({ dir, maxBytes, clock }: ImageFilesOptions): Promise<ImageFiles> {
  const images = join(dir, "images");
  const aside = join(dir, "aside");
  try {
    await makeDirectory(images);
    await emptyAside(aside);
  } catch (error) {
    throw explainDiskError(error, `open the artifacts in ${dir}`);
  }
  const shelf = createImageShelf({ maxBytes, clock });
  const work = createSlots(PARALLEL);
  const building = new Map<string, Promise<string>>();
  const pathOf = (id: string) => join(images, `${id}${SUFFIX}`);

  return {
    maxBytes,
    run: (task) => work.run(task),
    async write(entries, identify) {
      try {
        await writeDurably(
          join(aside, asideName()),
          async (file) => {
            await writeImage(file, entries);
            // Its directory is closed to everybody; the process that shows it to a virtual machine is another user.
            await file.chmod(0o644);
          },
          async () => {
            const path = pathOf(await identify());
            shelf.written(path);
            return path;
          },
        );
      } catch (error) {
        throw explainDiskError(error, `write an image in ${images}`);
      }
      await shelf.makeRoom();
    },
    async prepared(id, build) {
      if (await shelf.use(pathOf(id))) return pathOf(id);
      const started = building.get(id);
      if (started !== undefined) return started;
      const task = work
        .run(async () => {
          await build();
          return pathOf(id);
        })
        .finally(() => building.delete(id));
      building.set(id, task);
      return task;
    },
    isBuilding: (id) => building.has(id),
    async removeExcept(kept) {
      for (const name of await readdir(images)) {
        if (!kept(name.slice(0, -SUFFIX.length))) await rm(join(images, name), { force: true });
      }
      await syncDirectory(images);
    },
  };
}
