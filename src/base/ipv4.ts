/** IPv4 addresses as numbers, and ranges of them (CIDR, RFC 4632). */
import { isIPv4 } from "node:net";

export interface Cidr {
  /** First address. */
  readonly first: number;
  /** 0 to 32. */
  readonly prefix: number;
}

/** The number of an address in dotted form; undefined for any other text. */
export function parseIpv4(text: string): number | undefined {
  if (!isIPv4(text)) return undefined;
  return text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** `10.1.0.0/16`; undefined for any other text, also when bits behind the prefix are set. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = "", length = "", ...rest] = text.split("/");
  const first = parseIpv4(address);
  if (first === undefined || rest.length > 0 || !/^\d{1,2}$/.test(length)) return undefined;
  const prefix = Number(length);
  if (prefix > 32 || first % 2 ** (32 - prefix) !== 0) return undefined;
  return { first, prefix };
}

export const cidrSize = ({ prefix }: Cidr): number => 2 ** (32 - prefix);

export function cidrContains(cidr: Cidr, address: number): boolean {
  return address >= cidr.first && address < cidr.first + cidrSize(cidr);
}

export function cidrsOverlap(a: Cidr, b: Cidr): boolean {
  return cidrContains(a, b.first) || cidrContains(b, a.first);
}

export const formatCidr = ({ first, prefix }: Cidr): string => `${formatIpv4(first)}/${prefix}`;
