/** A layer as it was compressed → its tar archive. */
import { pipeline, Readable } from "node:stream";
import { createGunzip, createZstdDecompress, type Gunzip, type ZstdDecompress } from "node:zlib";
import { badImage } from "../refusal.ts";
import { ByteReader } from "./byte-reader.ts";

const PIECE_BYTES = 256 * 1024;
const HEAD_BYTES = 4;

/** By what it begins with, as Docker does: media types have lied before. Throws ImageRefusal for what cannot be unpacked. */
export async function* decompressed(layer: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = new ByteReader(layer);
  try {
    const head = (await reader.exactly(HEAD_BYTES)) ?? Buffer.alloc(0);
    const codec = codecOf(head);
    if (codec === undefined) yield* whole(head, reader);
    else yield* through(codec, head, reader);
  } finally {
    await reader.close();
  }
}

function codecOf(head: Buffer): Gunzip | ZstdDecompress | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip({ chunkSize: PIECE_BYTES });
  if (head.length === HEAD_BYTES && head.readUInt32LE() === 0xfd2fb528) {
    return createZstdDecompress({ chunkSize: PIECE_BYTES });
  }
  return undefined;
}

async function* whole(head: Buffer, reader: ByteReader): AsyncGenerator<Uint8Array> {
  yield head;
  for (;;) {
    const piece = await reader.some(PIECE_BYTES);
    if (piece === undefined) return;
    yield piece;
  }
}

async function* through(codec: Gunzip | ZstdDecompress, head: Buffer, reader: ByteReader): AsyncGenerator<Uint8Array> {
  /** What could not be read is not the image's fault. */
  let unread: unknown;
  async function* compressed(): AsyncGenerator<Uint8Array> {
    try {
      yield* whole(head, reader);
    } catch (error) {
      unread = error;
      throw error;
    }
  }
  // Its errors come out of the loop.
  pipeline(Readable.from(compressed(), { objectMode: false }), codec, () => undefined);
  try {
    yield* codec as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unread ?? badImage("a layer cannot be unpacked", error);
  }
}
