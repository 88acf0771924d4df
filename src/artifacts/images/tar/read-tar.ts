/**
 * Reads a tar archive from its beginning to its end: ustar, pax, and GNU's long names. It is as strict as it can be with what
 * real tools write, and holds no more than one header in memory.
 */
import { badImage } from "../refusal.ts";
import { MAX_PATH_BYTES } from "../limits.ts";
import { ByteReader } from "./byte-reader.ts";
import { BLOCK_BYTES, parseHeader, utf8Text, type TarHeader } from "./header.ts";
import { parsePax, type PaxRecords } from "./pax.ts";

export type TarKind = "file" | "directory" | "link" | "hard-link" | "other";

export interface TarEntry {
  /** As the archive has it. */
  name: string;
  kind: TarKind;
  /** Permission bits, with set-uid and the like. */
  mode: number;
  /** Whole seconds since the epoch, within 32 bits. */
  mtime: number;
  /** Bytes of its content; 0 for all but files. */
  size: number;
  /** Of a link. */
  target: string;
  /** Its content, to be read before the next entry is asked for; what is not read is passed over. */
  content(): AsyncGenerator<Uint8Array>;
}

const PIECE_BYTES = 1024 * 1024;
/** Of a pax header: extended attributes may be long. */
const MAX_META_BYTES = 1024 * 1024;
/** Headers that only speak of the next one, in a row. */
const MAX_META = 8;
const LATEST_MTIME = 0xffff_ffff;

const kinds: Readonly<Record<string, TarKind>> = {
  "0": "file",
  "1": "hard-link",
  "2": "link",
  "3": "other",
  "4": "other",
  "5": "directory",
  "6": "other",
};

/** Throws ImageRefusal. The source is read to its end after the last entry, and let go of in any case. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry> {
  const reader = new ByteReader(source);
  try {
    for (;;) {
      const found = await nextHeader(reader);
      if (found === undefined) break;
      const { header, pax } = found;
      const kind = kinds[header.type];
      if (kind === undefined) throw badImage(`a layer has an entry of the type ${JSON.stringify(header.type)}`);
      const size = pax.size ?? header.size;
      let left = kind === "file" ? size : 0;
      // A hard link's size is that of its file, and no content follows.
      if (kind !== "file" && kind !== "hard-link" && size !== 0)
        throw badImage("a layer has a directory or link with content");
      const padding = (BLOCK_BYTES - (left % BLOCK_BYTES)) % BLOCK_BYTES;
      yield {
        name: pax.path ?? header.name,
        kind,
        mode: header.mode,
        mtime: Math.min(Math.max(pax.mtime ?? header.mtime, 0), LATEST_MTIME),
        size: left,
        target: pax.linkpath ?? header.target,
        async *content() {
          while (left > 0) {
            const piece = await reader.some(Math.min(left, PIECE_BYTES));
            if (piece === undefined) throw badImage("a layer's archive ends in the middle of an entry");
            left -= piece.byteLength;
            yield piece;
          }
        },
      };
      await reader.skip(left + padding);
    }
    await reader.drain();
  } finally {
    await reader.close();
  }
}

/** The next entry's header, with what the headers before it say of it. */
async function nextHeader(reader: ByteReader): Promise<{ header: TarHeader; pax: PaxRecords } | undefined> {
  let pax: PaxRecords = {};
  for (let count = 0; count <= MAX_META; count += 1) {
    const block = await reader.exactly(BLOCK_BYTES);
    const header = block && parseHeader(block);
    if (header === undefined) return undefined;
    switch (header.type) {
      case "x":
        pax = { ...pax, ...parsePax(await meta(reader, header.size, MAX_META_BYTES)) };
        break;
      case "g":
        // Of all entries that follow. What matters here (names, sizes) no tool writes there.
        if (Object.keys(parsePax(await meta(reader, header.size, MAX_META_BYTES))).some((name) => name !== "mtime")) {
          throw badImage("a layer has a global pax header with a name or a size");
        }
        break;
      case "L":
        pax.path ??= utf8Text(await meta(reader, header.size, MAX_PATH_BYTES + 1));
        break;
      case "K":
        pax.linkpath ??= utf8Text(await meta(reader, header.size, MAX_PATH_BYTES + 1));
        break;
      default:
        return { header, pax };
    }
  }
  throw badImage("a layer has too many headers for one entry");
}

async function meta(reader: ByteReader, size: number, most: number): Promise<Buffer> {
  if (size > most) throw badImage("a layer has a header that is too long");
  const bytes = size === 0 ? Buffer.alloc(0) : await reader.exactly(size);
  if (bytes === undefined) throw badImage("a layer's archive ends in the middle of an entry");
  await reader.skip((BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES);
  return bytes;
}
