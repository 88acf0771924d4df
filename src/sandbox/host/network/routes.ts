/** The host's IPv4 routes, as /proc/net/route shows them (proc_net(5)). */
import { type Cidr, cidrContains } from "../../../base/ipv4.ts";

export interface Route {
  to: Cidr;
  device: string;
  metric: number;
}

/** `0002A8C0` is 192.168.2.0: the bytes as a little-endian machine has them. */
function littleEndian(hex: string): number {
  return Buffer.from(hex, "hex").reverse().readUInt32BE();
}

export function parseRoutes(table: string): Route[] {
  const bigEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;
  const read = (hex: string): number => (bigEndian ? Number.parseInt(hex, 16) : littleEndian(hex));
  return table
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .map(([device = "", to = "", , , , , metric = "", mask = ""]) => ({
      to: { first: read(to), prefix: read(mask).toString(2).replaceAll("0", "").length },
      device,
      metric: Number(metric),
    }));
}

/**
 * Whether it leads to the internet. VPNs put two routes of half the internet each in front of the default route, so that
 * they need not change it.
 */
export const leadsOut = ({ to }: Route): boolean => to.prefix < 8;

/** The route that the kernel takes for the first address of a range, as far as the main table says. */
export function routeTo(routes: readonly Route[], cidr: Cidr): Route | undefined {
  return routes
    .filter(({ to }) => cidrContains(to, cidr.first))
    .sort((a, b) => b.to.prefix - a.to.prefix || a.metric - b.metric)[0];
}
