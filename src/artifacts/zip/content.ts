/** An entry's bytes, inflated in bounded pieces, and checked against the size and CRC that the zip promises. */
import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import type { Content } from "./entry.ts";
import { badZip } from "./refusal.ts";

/** Below this an entry is inflated in one go, well under 1 ms: a stream costs more than that. */
const SMALL_BYTES = 128 * 1024;
const PIECE_BYTES = 256 * 1024;

/** Throws badZip, at the latest after the last piece. What was given out before must then be thrown away. */
export async function* contentPieces(content: Content): AsyncGenerator<Uint8Array> {
  let size = 0;
  let sum = 0;
  for await (const piece of inflated(content)) {
    size += piece.byteLength;
    if (size > content.size) throw badZip("an entry is larger than the zip says");
    sum = crc32(piece, sum);
    yield piece;
  }
  if (size !== content.size) throw badZip("an entry is smaller than the zip says");
  if (sum !== content.crc32) throw badZip("the checksum of an entry is wrong");
}

/** The whole content of an entry that is known to be small. */
export async function wholeContent(content: Content): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of contentPieces(content)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* inflated({ raw, deflated, size }: Content): AsyncGenerator<Uint8Array> {
  if (!deflated) {
    for (let at = 0; at < raw.byteLength; at += PIECE_BYTES) yield raw.subarray(at, at + PIECE_BYTES);
    return;
  }
  let consumed: number;
  try {
    if (size <= SMALL_BYTES && raw.byteLength <= SMALL_BYTES) {
      const { buffer, engine } = inflateRawSync(raw, { maxOutputLength: Math.max(1, size), info: true }) as unknown as {
        buffer: Buffer;
        engine: { bytesWritten: number };
      };
      yield buffer;
      consumed = engine.bytesWritten;
    } else {
      const inflate = createInflateRaw({ chunkSize: PIECE_BYTES });
      inflate.end(raw);
      yield* inflate as AsyncIterable<Buffer>;
      consumed = inflate.bytesWritten;
    }
  } catch (error) {
    throw badZip(error);
  }
  if (consumed !== raw.byteLength) throw badZip("an entry's compressed data ends before the zip says");
}
