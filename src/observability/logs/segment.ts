/** One append-only file of blocks. Its name is the id of its first event, so names order segments by age. */
import { readFile, readdir, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "../../base/errors.ts";
import { blockAt, type BlockView, type Bodies, type StreamShare } from "./block.ts";

const SUFFIX = ".seg";

export interface Segment {
  /** Id of the first event. */
  first: number;
  path: string;
  /** Absent: bodies are in the clear. */
  bodies?: Bodies | undefined;
  /** Bytes that are whole blocks; what lies behind them is a write under way or a torn one. */
  bytes: number;
  /** Latest timestamp in it, once known: lets a reader pass over the file. */
  latest?: number | undefined;
  /** Summary of its streams, once somebody asked and until something is appended. */
  streams?: ReadonlyMap<string, StreamShare> | undefined;
}

export function newSegment(directory: string, first: number, bodies?: Bodies): Segment {
  return { first, path: join(directory, `${String(first).padStart(20, "0")}${SUFFIX}`), bytes: 0, bodies };
}

/** The segments of a group's directory, oldest first. */
export async function listSegments(directory: string, bodies?: Bodies): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const name of (await readdir(directory)).sort()) {
    if (!/^\d{20}\.seg$/.test(name)) continue;
    const path = join(directory, name);
    segments.push({ first: Number(name.slice(0, 20)), path, bytes: (await stat(path)).size, bodies });
  }
  return segments;
}

/** The intact blocks of a segment, oldest first. Empty when the segment has been dropped meanwhile. */
export async function readBlocks(segment: Segment): Promise<BlockView[]> {
  const { path, bytes, bodies } = segment;
  let content: Buffer;
  try {
    content = (await readFile(path)).subarray(0, bytes);
  } catch (thrown) {
    if (systemCode(thrown) === "ENOENT") return [];
    throw thrown;
  }
  const blocks: BlockView[] = [];
  for (let block = blockAt(content, 0, bodies); block !== undefined; block = blockAt(content, block.end, bodies)) {
    blocks.push(block);
  }
  if (segment.bytes === bytes) segment.latest = Math.max(0, ...blocks.map((block) => block.latest));
  return blocks;
}

/** Cuts a torn tail, so that appending goes on behind the last whole block. Returns the id of its last event. */
export async function recoverSegment(segment: Segment): Promise<number> {
  const last = (await readBlocks(segment)).at(-1);
  const whole = last?.end ?? 0;
  if (whole < segment.bytes) {
    await truncate(segment.path, whole);
    segment.bytes = whole;
  }
  return last === undefined ? 0 : last.firstId + last.count - 1;
}

/** What a segment holds of each stream. */
export async function summarize(segment: Segment): Promise<ReadonlyMap<string, StreamShare>> {
  const known = segment.streams;
  if (known !== undefined) return known;
  const bytes = segment.bytes;
  const streams = new Map<string, StreamShare>();
  for (const view of await readBlocks(segment)) {
    for (const share of view.open().streams) addShare(streams, share);
  }
  if (segment.bytes === bytes) segment.streams = streams;
  return streams;
}

export function addShare(streams: Map<string, StreamShare>, share: StreamShare): void {
  const sum = streams.get(share.name);
  if (sum === undefined) {
    streams.set(share.name, { ...share });
    return;
  }
  sum.first = Math.min(sum.first, share.first);
  sum.last = Math.max(sum.last, share.last);
  sum.bytes += share.bytes;
}
