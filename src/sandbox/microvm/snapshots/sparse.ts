/** Files in memory that are mostly holes: their data, piece by piece. */
import { closeSync, openSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { nextData } from "../../host/libc.ts";

const PIECE_BYTES = 1024 * 1024;

export type Range = readonly [offset: number, length: number];

/** Where a file has data, in pieces of at most 1 MiB. */
export function dataRanges(path: string): Range[] {
  const ranges: Range[] = [];
  const fd = openSync(path, "r");
  try {
    for (let part = nextData(fd, 0); part !== undefined; part = nextData(fd, part[1])) {
      for (let at = part[0]; at < part[1]; at += PIECE_BYTES) ranges.push([at, Math.min(PIECE_BYTES, part[1] - at)]);
    }
  } finally {
    closeSync(fd);
  }
  return ranges;
}

export async function readPiece(file: FileHandle, [offset, length]: Range): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(length);
  for (let got = 0; got < length;) {
    const { bytesRead } = await file.read(piece, got, length - got, offset + got);
    // The file is in memory and nobody shortens it; a hole's end may lie behind it.
    if (bytesRead === 0) return piece.subarray(0, got);
    got += bytesRead;
  }
  return piece;
}

/** All of it: a disk that is nearly full takes a part first, and says that it is full when it gets the rest. */
export async function writePiece(file: FileHandle, piece: Uint8Array, offset: number): Promise<void> {
  for (let put = 0; put < piece.length;) {
    put += (await file.write(piece, put, piece.length - put, offset + put)).bytesWritten;
  }
}

/** Makes `to`, which is there, the same as `from`. */
export async function copySparse(from: string, to: string): Promise<void> {
  const source = await open(from, "r");
  try {
    const target = await open(to, "r+");
    try {
      await target.truncate(0);
      await target.truncate((await source.stat()).size);
      for (const range of dataRanges(from)) await writePiece(target, await readPiece(source, range), range[0]);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
