/** Makes zips byte by byte, so that tests can make those that no honest tool makes. Layout: PKWARE's APPNOTE.TXT 4.3. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ForgedEntry {
  name: string | Buffer;
  content?: Buffer | string;
  /** Default: deflated. */
  stored?: boolean;
  method?: number;
  /** Unix mode with its format bits. Default: 0o100644. */
  unixMode?: number;
  /** Upper byte of `version made by`. Default: 3, Unix. */
  host?: number;
  flags?: number;
  /** What the headers say, when it is not the truth. */
  size?: number;
  compressedSize?: number;
  crc?: number;
  extra?: Buffer;
  headerOffset?: number;
}

export interface ForgedEnd {
  entryCount?: number;
  directoryOffset?: number;
  comment?: string;
  /** Put before the end record: a zip64 locator, for instance. */
  before?: Buffer;
}

export const LINK = 0o120777;
const UTF8 = 0x800;
/** 2020-01-02 03:04:06. */
const DOS_DATE = (40 << 9) | (1 << 5) | 2;
const DOS_TIME = (3 << 11) | (4 << 5) | 3;

export function forgeZip(entries: readonly ForgedEntry[], end: ForgedEnd = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name as string);
    const content = Buffer.from((entry.content as string | undefined) ?? "");
    const data = entry.stored === true ? content : deflateRawSync(content);
    const extra = entry.extra ?? Buffer.alloc(0);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(entry.flags ?? UTF8, 2);
    common.writeUInt16LE(entry.method ?? (entry.stored === true ? 0 : 8), 4);
    common.writeUInt16LE(DOS_TIME, 6);
    common.writeUInt16LE(DOS_DATE, 8);
    common.writeUInt32LE(entry.crc ?? crc32(content), 10);
    common.writeUInt32LE(entry.compressedSize ?? data.length, 14);
    common.writeUInt32LE(entry.size ?? content.length, 18);
    common.writeUInt16LE(name.length, 22);
    common.writeUInt16LE(extra.length, 24);
    const local = Buffer.concat([u32(0x04034b50), common, name, extra, data]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.unixMode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(entry.headerOffset ?? offset, 10);
    const madeBy = Buffer.of(30, entry.host ?? 3);
    directory.push(Buffer.concat([u32(0x02014b50), madeBy, common, tail, name, extra]));
    parts.push(local);
    offset += local.length;
  }
  const records = Buffer.concat(directory);
  const comment = Buffer.from(end.comment ?? "");
  const last = Buffer.alloc(18);
  last.writeUInt16LE(end.entryCount ?? entries.length, 4);
  last.writeUInt16LE(end.entryCount ?? entries.length, 6);
  last.writeUInt32LE(records.length, 8);
  last.writeUInt32LE(end.directoryOffset ?? offset, 12);
  last.writeUInt16LE(comment.length, 16);
  return Buffer.concat([...parts, records, end.before ?? Buffer.alloc(0), u32(0x06054b50), last, comment]);
}

/** The extra field with 64-bit values (id 1). */
export function zip64Extra(...values: bigint[]): Buffer {
  const data = Buffer.alloc(4 + 8 * values.length);
  data.writeUInt16LE(1, 0);
  data.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) data.writeBigUInt64LE(value, 4 + 8 * index);
  return data;
}

/** A locator of a zip64 end record. */
export function zip64Locator(offset: bigint): Buffer {
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50, 0);
  locator.writeBigUInt64LE(offset, 8);
  locator.writeUInt32LE(1, 16);
  return locator;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
