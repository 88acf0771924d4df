/**
 * One block of a tar archive's header: POSIX ustar, with GNU's sizes in base 256
 * (https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html, "ustar Interchange Format").
 */
import { badImage } from "../refusal.ts";

export const BLOCK_BYTES = 512;

export interface TarHeader {
  name: string;
  mode: number;
  size: number;
  /** Seconds since the epoch. */
  mtime: number;
  /** One character; `0` for a file. */
  type: string;
  target: string;
}

/** Undefined for a block of zeros, which ends an archive. */
export function parseHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (checksum(block) !== number(block, 148, 8)) throw badImage("a layer is no tar archive, or is damaged");
  // GNU's own format has other things where ustar has the prefix.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? text(block, 345, 155) : "";
  const name = text(block, 0, 100);
  const type = block.toString("latin1", 156, 157);
  return {
    name: prefix === "" ? name : `${prefix}/${name}`,
    mode: number(block, 100, 8) & 0o7777,
    size: number(block, 124, 12),
    mtime: number(block, 136, 12),
    type: type === "\0" || type === "7" ? "0" : type,
    target: text(block, 157, 100),
  };
}

/** The sum of all bytes, with those of the checksum itself as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < BLOCK_BYTES; at += 1) if (at < 148 || at >= 156) sum += block[at] ?? 0;
  return sum;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** Text up to the first NUL. */
export function utf8Text(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  try {
    return utf8.decode(end < 0 ? bytes : bytes.subarray(0, end));
  } catch (error) {
    throw badImage("a layer has a file name that is not UTF-8", error);
  }
}

function text(block: Buffer, at: number, bytes: number): string {
  return utf8Text(block.subarray(at, at + bytes));
}

function number(block: Buffer, at: number, bytes: number): number {
  const first = block[at] ?? 0;
  if ((first & 0x80) !== 0) {
    // Negative ones (0xff) are of no use here; what JavaScript cannot count exactly is no size.
    const value = block.subarray(at + bytes - 8, at + bytes).readBigUInt64BE();
    const rest = block.subarray(at + 1, at + bytes - 8);
    if (first !== 0x80 || rest.some((byte) => byte !== 0) || value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw badImage("a layer has a number that is too large");
    }
    return Number(value);
  }
  const digits = block
    .toString("latin1", at, at + bytes)
    .replace(/[\0 ]+$/, "")
    .trimStart();
  if (digits === "") return 0;
  if (!/^[0-7]{1,12}$/.test(digits)) throw badImage("a layer is no tar archive, or is damaged");
  return Number.parseInt(digits, 8);
}
