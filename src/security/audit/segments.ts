/** The files of the log: each is named after its first record, and begins with a line that tells how it goes on. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseLink, type Link } from "./chain.ts";

export interface Segment {
  readonly first: number;
  readonly path: string;
}

export interface SegmentHeader {
  readonly version: 1;
  readonly first: number;
  /** MAC of the record before the first. */
  readonly previous: string;
}

export function segmentPath(dir: string, first: number): string {
  return join(dir, `${String(first).padStart(16, "0")}.log`);
}

export function headPath(dir: string): string {
  return join(dir, "head");
}

/** In the order of their records. */
export async function listSegments(dir: string): Promise<Segment[]> {
  const names = (await readdir(dir)).filter((name) => /^\d{16}\.log$/.test(name)).toSorted();
  return names.map((name) => ({ first: Number(name.slice(0, 16)), path: join(dir, name) }));
}

export interface Line {
  /** Of its first byte, and of the byte after its line break. */
  readonly start: number;
  readonly end: number;
  /** Undefined for a line that is none of ours. */
  readonly link: Link | undefined;
  /** False for the end of a file without a line break. */
  readonly whole: boolean;
}

export interface SegmentContent {
  /** Undefined when the first line is not one. */
  readonly header: SegmentHeader | undefined;
  readonly lines: Line[];
}

/** The whole file, which is bounded where it is written. */
export async function readSegment(path: string): Promise<SegmentContent> {
  const bytes = await readFile(path);
  const lines: Line[] = [];
  let header: SegmentHeader | undefined;
  let start = 0;
  while (start < bytes.length) {
    const mark = bytes.indexOf(10, start);
    const end = mark < 0 ? bytes.length : mark + 1;
    const text = bytes.toString("utf8", start, mark < 0 ? end : mark);
    if (start === 0) header = parseHeader(text);
    else lines.push({ start, end, link: mark < 0 ? undefined : parseLink(text), whole: mark >= 0 });
    start = end;
  }
  return { header, lines };
}

function parseHeader(text: string): SegmentHeader | undefined {
  try {
    const { version, first, previous } = JSON.parse(text) as Partial<SegmentHeader>;
    const known = version === 1 && Number.isSafeInteger(first) && typeof previous === "string";
    return known ? { version, first: first as number, previous } : undefined;
  } catch {
    return undefined;
  }
}
