/** The files of an image on disk: those of a directory, or those of a tar archive, read where they lie in it. */
import { createReadStream } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../../base/errors.ts";
import { MAX_DOCUMENT_BYTES } from "../limits.ts";
import { badImage } from "../refusal.ts";
import { readTar } from "../tar/read-tar.ts";

export interface ImageFiles {
  has(name: string): Promise<boolean>;
  /** Names of all files that there can be layers in; only of an archive. */
  stream(name: string): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}

const PIECE_BYTES = 1024 * 1024;
/** An archive of an image has a file for each layer, and a few more. */
const MAX_FILES = 10_000;

export function directoryFiles(directory: string): ImageFiles {
  return {
    async has(name) {
      try {
        return (await stat(join(directory, name))).isFile();
      } catch (error) {
        if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return false;
        throw error;
      }
    },
    stream: async (name) => createReadStream(join(directory, name), { highWaterMark: PIECE_BYTES }),
    close: async () => undefined,
  };
}

/** Throws ImageRefusal for what is no tar archive. */
export async function tarFiles(path: string): Promise<ImageFiles> {
  const file = await open(path);
  try {
    const places = await placesIn(file);
    return {
      has: async (name) => places.has(name),
      async stream(name) {
        const place = places.get(name);
        if (place === undefined) throw badImage(`the archive has no ${name}`);
        return pieces(file, place.at, place.size);
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface FilePlace {
  at: number;
  size: number;
}

/** Where the content of each file begins. Links lead to files that stand before them. */
async function placesIn(file: FileHandle): Promise<Map<string, FilePlace>> {
  const places = new Map<string, FilePlace>();
  const { size } = await file.stat();
  let read = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces(file, 0, size)) {
      // One byte after the other would be exact as well; pieces that end with a block are enough.
      for (let at = 0; at < piece.byteLength; at += 512) {
        const block = piece.subarray(at, at + 512);
        read += block.byteLength;
        yield block;
      }
    }
  }
  for await (const entry of readTar(counted())) {
    if (places.size >= MAX_FILES) throw badImage(`the archive has more than ${MAX_FILES} files`);
    const name = entry.name.replace(/^\.\//, "");
    if (entry.kind === "file") places.set(name, { at: read, size: entry.size });
    // `docker save` links a layer that two images share.
    const linked =
      entry.kind === "link" ? places.get(new URL(entry.target, `file:///${name}`).pathname.slice(1)) : undefined;
    if (linked !== undefined) places.set(name, linked);
  }
  return places;
}

async function* pieces(file: FileHandle, from: number, size: number): AsyncGenerator<Uint8Array> {
  for (let at = from, left = size; left > 0;) {
    const buffer = Buffer.alloc(Math.min(left, PIECE_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw badImage("the archive ends in the middle");
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
    left -= bytesRead;
  }
}

/** A file that is a JSON document. */
export async function wholeFile(files: ImageFiles, name: string): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const piece of await files.stream(name)) {
    size += piece.byteLength;
    if (size > MAX_DOCUMENT_BYTES) throw badImage(`${name} has more than ${MAX_DOCUMENT_BYTES} bytes`);
    parts.push(piece);
  }
  return Buffer.concat(parts);
}
