/** IP addresses and CIDR ranges, as numbers. IPv4 addresses in the form of IPv6 are the IPv4 address. */
import { isIPv4, isIPv6 } from "node:net";

export interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

export interface Range extends Ip {
  /** Leading bits that count. */
  readonly prefix: number;
}

export function parseIp(text: string): Ip | undefined {
  if (isIPv4(text)) return { bits: 32, value: fromParts(text.split("."), 10, 8n) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const value = fromParts(expanded(text), 16, 16n);
  return value >> 32n === 0xffffn ? { bits: 32, value: value & 0xffff_ffffn } : { bits: 128, value };
}

export function parseRange(text: string): Range | undefined {
  const [address = "", prefix, surplus] = text.split("/");
  const ip = parseIp(address);
  if (ip === undefined || surplus !== undefined) return undefined;
  const bits = prefix === undefined ? ip.bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  return bits >= 0 && bits <= ip.bits ? { ...ip, prefix: bits } : undefined;
}

export function within(ip: Ip, range: Range): boolean {
  const shift = BigInt(range.bits - range.prefix);
  return ip.bits === range.bits && ip.value >> shift === range.value >> shift;
}

function fromParts(parts: readonly string[], radix: number, bits: bigint): bigint {
  return parts.reduce((value, part) => (value << bits) | BigInt(Number.parseInt(part, radix)), 0n);
}

/** Eight groups, without `::` and without an IPv4 address at the end. */
function expanded(text: string): string[] {
  const plain = text.replace(/\d+\.\d+\.\d+\.\d+$/, (v4) => {
    const value = fromParts(v4.split("."), 10, 8n);
    return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  });
  const [left = "", right] = plain.split("::");
  const [before, after] = [left, right ?? ""].map((side) => (side === "" ? [] : side.split(":"))) as [
    string[],
    string[],
  ];
  return [...before, ...Array<string>(8 - before.length - after.length).fill("0"), ...after];
}
