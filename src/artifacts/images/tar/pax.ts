/** The records of a pax header: what they say of the entry that follows. Anything else they say (owners, attributes) is left out. */
import { badImage } from "../refusal.ts";
import { utf8Text } from "./header.ts";

export interface PaxRecords {
  path?: string;
  linkpath?: string;
  size?: number;
  mtime?: number;
}

const BLANK = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;

/** `LENGTH NAME=VALUE\n`, one after the other; the length counts all of that. */
export function parsePax(bytes: Buffer): PaxRecords {
  const records: PaxRecords = {};
  for (let at = 0; at < bytes.length;) {
    // Some writers fill up with zeros.
    if (bytes[at] === 0) break;
    const blank = bytes.indexOf(BLANK, at);
    const length = blank < 0 || blank - at > 8 ? Number.NaN : Number(bytes.toString("latin1", at, blank));
    const end = at + length;
    const equals = bytes.indexOf(EQUALS, blank);
    if (!(end <= bytes.length) || !(equals > blank && equals < end) || bytes[end - 1] !== NEWLINE) {
      throw badImage("a layer has a pax header that cannot be read");
    }
    take(records, bytes.toString("latin1", blank + 1, equals), bytes.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

function take(records: PaxRecords, name: string, value: Buffer): void {
  if (name.startsWith("GNU.sparse.")) throw badImage("a layer has a sparse file, which Kiln cannot read");
  if (name === "path" || name === "linkpath") {
    if (value.includes(0)) throw badImage("a layer has a file name with a NUL in it");
    records[name] = utf8Text(value);
  } else if (name === "size" || name === "mtime") {
    const text = value.toString("latin1");
    const number = Math.trunc(Number(text));
    if (!/^-?\d{1,16}(\.\d*)?$/.test(text) || !Number.isSafeInteger(number) || (name === "size" && number < 0)) {
      throw badImage("a layer has a pax header that cannot be read");
    }
    records[name] = number;
  }
}
