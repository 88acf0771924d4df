/**
 * The unit that is written: some events, in order, behind a header that says enough to skip them unread.
 *
 *   header (40 bytes, little endian)          body (UTF-8)
 *   u32 magic · u32 body length               one line of JSON: the streams of this block
 *   u32 CRC-32 of the body · u32 count        then one line of JSON per event: [stream index, timestamp, message]
 *   f64 first id · f64 earliest timestamp
 *   f64 latest timestamp
 *
 * The body is sealed where there are keys; the header says nothing but times and numbers. A block whose header or checksum is wrong is where its file ends: a torn write after a crash or a full disk.
 */
import { crc32 } from "node:zlib";
import type { LogEvent } from "../contract.ts";

export const HEADER_BYTES = 40;
/** "KLG1" */
const MAGIC = 0x31474c4b;

export interface PendingEvent {
  stream: string;
  timestamp: number;
  message: string;
}

/**
 * An event as it goes into a block. It is encoded when it comes and not with all others when they are written: that would
 * hold up the calls of that moment, and until then the text would lie in memory in the pieces that it was put together from,
 * which every collection of garbage has to copy.
 */
export interface EncodedEvent {
  stream: string;
  timestamp: number;
  /** Of the message, in UTF-8. */
  bytes: number;
  /** The message as JSON. */
  json: string;
}

export function encodeEvent({ stream, timestamp, message }: PendingEvent): EncodedEvent {
  return { stream, timestamp, bytes: Buffer.byteLength(message), json: JSON.stringify(message) };
}

/** What a block says about one of its streams. */
export interface StreamShare {
  name: string;
  first: number;
  last: number;
  bytes: number;
}

export interface Block {
  firstId: number;
  count: number;
  earliest: number;
  latest: number;
  /** ms since the epoch at which the block was written: its events' ingestion time. */
  ingestedAt: number;
  streams: StreamShare[];
  /** The lines of the events; parsed only when they are wanted. */
  lines: string;
}

/** Seals bodies; `id` is that of a block's first event, and a body opens for it alone. */
export interface Bodies {
  seal(body: Buffer, id: number): Buffer;
  /** What was never sealed comes back as it is. */
  open(body: Buffer, id: number): Buffer;
}

/** Bytes for `events`, which get the ids `firstId`, `firstId + 1`, … */
export function encodeBlock(
  events: readonly EncodedEvent[],
  firstId: number,
  ingestedAt: number,
  bodies?: Bodies,
): Buffer {
  const shares = new Map<string, StreamShare & { index: number }>();
  let earliest = Infinity;
  let latest = -Infinity;
  let lines = "";
  let share: (StreamShare & { index: number }) | undefined;
  for (const { stream, timestamp, bytes, json } of events) {
    // Events of one stream come one after the other.
    if (share?.name !== stream) share = shares.get(stream);
    if (share === undefined) {
      share = { index: shares.size, name: stream, first: timestamp, last: timestamp, bytes: 0 };
      shares.set(stream, share);
    }
    share.first = Math.min(share.first, timestamp);
    share.last = Math.max(share.last, timestamp);
    share.bytes += bytes;
    earliest = Math.min(earliest, timestamp);
    latest = Math.max(latest, timestamp);
    lines += `[${share.index},${timestamp},${json}]\n`;
  }
  const streams = [...shares.values()].map(({ name, first, last, bytes }) => [name, first, last, bytes]);
  const clear = Buffer.from(`${JSON.stringify({ ingestedAt, streams })}\n${lines}`);
  const body = bodies === undefined ? clear : bodies.seal(clear, firstId);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(MAGIC, 0);
  header.writeUInt32LE(body.length, 4);
  header.writeUInt32LE(crc32(body), 8);
  header.writeUInt32LE(events.length, 12);
  header.writeDoubleLE(firstId, 16);
  header.writeDoubleLE(earliest, 24);
  header.writeDoubleLE(latest, 32);
  return Buffer.concat([header, body]);
}

/** A block in a buffer whose checksum has been verified; `open` reads its body. */
export interface BlockView {
  /** Offset just behind the block. */
  end: number;
  firstId: number;
  count: number;
  earliest: number;
  latest: number;
  open(): Block;
}

/** The block at `offset`, or undefined when there is no whole and intact one. */
export function blockAt(buffer: Buffer, offset: number, bodies?: Bodies): BlockView | undefined {
  if (offset + HEADER_BYTES > buffer.length || buffer.readUInt32LE(offset) !== MAGIC) return undefined;
  const end = offset + HEADER_BYTES + buffer.readUInt32LE(offset + 4);
  if (end > buffer.length) return undefined;
  const body = buffer.subarray(offset + HEADER_BYTES, end);
  if (crc32(body) !== buffer.readUInt32LE(offset + 8)) return undefined;
  const view = {
    end,
    count: buffer.readUInt32LE(offset + 12),
    firstId: buffer.readDoubleLE(offset + 16),
    earliest: buffer.readDoubleLE(offset + 24),
    latest: buffer.readDoubleLE(offset + 32),
  };
  return { ...view, open: () => openBody(view, bodies === undefined ? body : bodies.open(body, view.firstId)) };
}

function openBody(view: Omit<BlockView, "open" | "end">, body: Buffer): Block {
  const tableEnd = body.indexOf(0x0a);
  const table = JSON.parse(body.toString("utf8", 0, tableEnd)) as {
    ingestedAt: number;
    streams: [string, number, number, number][];
  };
  return {
    firstId: view.firstId,
    count: view.count,
    earliest: view.earliest,
    latest: view.latest,
    ingestedAt: table.ingestedAt,
    streams: table.streams.map(([name, first, last, bytes]) => ({ name, first, last, bytes })),
    lines: body.toString("utf8", tableEnd + 1),
  };
}

/** The events of a block, in order. */
export function eventsOf(block: Block): LogEvent[] {
  const events: LogEvent[] = [];
  let number = 0;
  for (const line of block.lines.split("\n")) {
    if (line === "") continue;
    const [index, timestamp, message] = JSON.parse(line) as [number, number, string];
    const stream = block.streams[index]?.name ?? "";
    const id = eventId(block.firstId + number);
    events.push({ timestamp, ingestionTime: block.ingestedAt, message, stream, id });
    number += 1;
  }
  return events;
}

/** 56 digits, as CloudWatch's: they order as numbers and as text. */
export function eventId(number: number): string {
  return String(number).padStart(56, "0");
}
