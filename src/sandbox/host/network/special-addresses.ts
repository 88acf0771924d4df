/**
 * IPv4 ranges that are never the internet: the IANA registry of special-purpose addresses (RFC 6890 and what has been
 * added since), and what clouds answer on public-looking addresses.
 */
import { BlockList } from "node:net";

/** Not even a function's own network (VpcConfig) opens these. */
export const NEVER = [
  /** "This network" (RFC 791). */
  "0.0.0.0/8",
  /** Loopback. */
  "127.0.0.0/8",
  /** Link-local, with the metadata services of nearly all clouds (RFC 3927). */
  "169.254.0.0/16",
  /** IETF protocol assignments; Oracle Cloud's metadata (RFC 6890). */
  "192.0.0.0/24",
  /** Azure's WireServer: certificates and settings of the virtual machine. */
  "168.63.129.16/32",
  /** Alibaba Cloud's metadata. */
  "100.100.100.200/32",
  /** Multicast (RFC 5771), then reserved and broadcast (RFC 1112, 8190). */
  "224.0.0.0/3",
] as const;

/** Only a function's own network opens these. */
export const PRIVATE = [
  /** RFC 1918. */
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  /** Carrier-grade NAT (RFC 6598). */
  "100.64.0.0/10",
  /** Benchmarks between networks (RFC 2544); here Kiln's own links lie by default. */
  "198.18.0.0/15",
  /** Documentation (RFC 5737). */
  "192.0.2.0/24",
  "198.51.100.0/24",
  "203.0.113.0/24",
  /** 6to4 relays, which are gone (RFC 7526). */
  "192.88.99.0/24",
] as const;

export function blockList(cidrs: readonly string[]): BlockList {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", prefix = ""] = cidr.split("/");
    list.addSubnet(address, Number(prefix), "ipv4");
  }
  return list;
}
