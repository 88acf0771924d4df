/**
 * A snapshot as a stream: what it is, as JSON in a line, and then the data of its files, without what is zero. Whoever kept it
 * vouches for it; it is checked so far that a mistake is not taken for a snapshot.
 */
import { open, stat, truncate } from "node:fs/promises";
import { KilnError } from "../../../base/errors.ts";
import type { SnapshotFacts } from "./facts.ts";
import { FILES, type SnapshotFiles } from "./place.ts";
import { dataRanges, readPiece, type Range, writePiece } from "./sparse.ts";

const MAGIC = "kiln-snapshot-1";
/** A machine of 10 GB whose every other page is used. */
const LONGEST_HEAD = 64 * 1024 * 1024;

interface Head {
  magic: string;
  facts: SnapshotFacts;
  files: { size: number; ranges: Range[] }[];
}

function unfit(reason: string): KilnError {
  return new KilnError("SNAPSHOT_UNFIT", `This snapshot cannot be used here: ${reason}.`);
}

export async function* write(facts: SnapshotFacts, files: SnapshotFiles): AsyncGenerator<Buffer> {
  const paths = FILES.map((name) => files[name]);
  const described = await Promise.all(
    paths.map(async (path) => ({ size: (await stat(path)).size, ranges: dataRanges(path) })),
  );
  yield Buffer.from(`${JSON.stringify({ magic: MAGIC, facts, files: described } satisfies Head)}\n`);
  for (const [index, { ranges }] of described.entries()) {
    const file = await open(paths[index] ?? "", "r");
    try {
      for (const range of ranges) {
        const piece = await readPiece(file, range);
        yield piece.length === range[1] ? piece : Buffer.concat([piece, Buffer.alloc(range[1] - piece.length)]);
      }
    } finally {
      await file.close();
    }
  }
}

/** Takes exactly as many bytes as are asked for, out of chunks as they come. */
function reader(from: AsyncIterable<Uint8Array>) {
  const chunks = from[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);

  async function more(): Promise<void> {
    const { value, done } = await chunks.next();
    if (done === true) throw unfit("it ends too early");
    rest = rest.length === 0 ? Buffer.from(value) : Buffer.concat([rest, value]);
  }
  return {
    async line(most: number): Promise<string> {
      for (let seen = 0; ;) {
        const end = rest.indexOf(10, seen);
        if (end >= 0) {
          const line = rest.toString("utf8", 0, end);
          rest = rest.subarray(end + 1);
          return line;
        }
        if (rest.length > most) throw unfit("its beginning is too long");
        seen = rest.length;
        await more();
      }
    },
    /** Hands what is there on, piece by piece. */
    async take(length: number, to: (piece: Buffer) => Promise<unknown>): Promise<void> {
      for (let left = length; left > 0;) {
        if (rest.length === 0) await more();
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        await to(piece);
      }
    },
    /** Nobody reads on. */
    end: () => chunks.return?.(),
  };
}

function headOf(line: string): Head {
  try {
    const head = JSON.parse(line) as Partial<Head> | null;
    if (head?.magic === MAGIC && head.facts !== undefined && head.files?.length === FILES.length) return head as Head;
  } catch {
    // Said below.
  }
  throw unfit("it is none");
}

/**
 * @param place Makes the files, for so many bytes, when it is known what it is. Throws KilnError SNAPSHOT_UNFIT.
 * @returns What `place` has made.
 */
export async function read<T extends SnapshotFiles>(
  from: AsyncIterable<Uint8Array>,
  kind: string,
  place: (facts: SnapshotFacts, bytes: number) => Promise<T>,
): Promise<T> {
  const bytes = reader(from);
  try {
    const { facts, files } = headOf(await bytes.line(LONGEST_HEAD));
    if (facts.kind !== kind) throw unfit(`it was taken with ${facts.kind}, and here is ${kind}`);
    const total = files.reduce((sum, { ranges }) => sum + ranges.reduce((part, [, length]) => part + length, 0), 0);
    const placed = await place(facts, total);
    for (const [index, name] of FILES.entries()) {
      const { size, ranges } = files[index] ?? { size: 0, ranges: [] };
      const file = await open(placed[name], "r+");
      try {
        for (const [offset, length] of ranges) {
          let at = offset;
          await bytes.take(length, async (piece) => {
            await writePiece(file, piece, at);
            at += piece.length;
          });
        }
      } finally {
        await file.close();
      }
      await truncate(placed[name], size);
    }
    return placed;
  } finally {
    await bytes.end();
  }
}
