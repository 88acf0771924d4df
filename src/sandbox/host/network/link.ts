/**
 * The link between one jail and the host: a pair of virtual Ethernet devices, routed, without a bridge.
 *
 * Neither end speaks ARP. Both have the same hardware address, which is what Linux sends to when there is no ARP, so
 * there are no neighbours to ask, to answer for, or to fill a table with. There is no IPv6.
 */
import { closeSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { KilnError, systemCode } from "../../../base/errors.ts";
import { formatIpv4 } from "../../../base/ipv4.ts";
import { ioctl, socket } from "../libc.ts";
import type { JailNetwork } from "../netns.ts";
import { type Attribute, type Netlink, NETLINK_ROUTE, openNetlink, type Request, text, u32, u8 } from "./netlink.ts";

const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM = 2;
const SIOCGIFINDEX = 0x8933;
const SIOCGIFMTU = 0x8921;

const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_SETLINK = 19;
const RTM_NEWADDR = 20;
const RTM_NEWROUTE = 24;
const NLM_F_EXCL = 0x200;
const NLM_F_CREATE = 0x400;
const CREATE = NLM_F_CREATE | NLM_F_EXCL;

const IFF_UP = 1;
const IFF_NOARP = 0x80;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_MTU = 4;
const IFLA_LINKINFO = 18;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFLA_AF_SPEC = 26;
const IFLA_INET_CONF = 1;
const IPV4_DEVCONF_FORWARDING = 1;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const NO_ADDRESSES = 1;
const IFLA_GROUP = 27;
const IFLA_NET_NS_FD = 28;
const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const RTA_DST = 1;
const RTA_OIF = 4;

/** Locally administered; the same on all ends of all links. */
export const MAC = new Uint8Array([0x02, 0x6b, 0x69, 0x6c, 0x6e, 0x01]);
const INSIDE_NAME = "eth0";

export interface LinkSpec {
  /** Of the host's end, at most 15 characters. */
  name: string;
  /** Of the jail. */
  address: number;
  /** Of the host's end of every link: the sender of ICMP errors to a jail. */
  hostAddress: number;
  mtu: number;
  /** Whether the address is that of the jail's end; else somebody behind the jail's end has it. Default: it is. */
  own?: boolean;
}

/** struct ifinfomsg: family, type, index, flags, which flags to change. */
function ifinfomsg(flags: number, index = 0): Uint8Array {
  const bytes = new Uint8Array(16);
  new Int32Array(bytes.buffer, 4, 1)[0] = index;
  new Uint32Array(bytes.buffer, 8, 2).fill(flags);
  return bytes;
}

/** struct ifaddrmsg and its attributes: one address with nobody else in its network. */
export function addressRequest(index: number, address: number): Request {
  const head = new Uint8Array([AF_INET, 32, 0, 0, 0, 0, 0, 0]);
  new Uint32Array(head.buffer, 4, 1)[0] = index;
  const value = ipv4Bytes(address);
  const attributes: Attribute[] = [
    [IFA_LOCAL, value],
    [IFA_ADDRESS, value],
  ];
  return { what: `address ${formatIpv4(address)}`, type: RTM_NEWADDR, flags: CREATE, head, attributes };
}

/** struct rtmsg and its attributes: everything (no address) or one address is directly at a device. Table 254 is `main`. */
export function routeRequest(index: number, address?: number, table = 254): Request {
  const [protocol, scope, kind] = [4, 253, 1]; // static, link, unicast
  const head = new Uint8Array([
    AF_INET,
    address === undefined ? 0 : 32,
    0,
    0,
    table,
    protocol,
    scope,
    kind,
    0,
    0,
    0,
    0,
  ]);
  const attributes: Attribute[] = [[RTA_OIF, u32(index)]];
  if (address !== undefined) attributes.push([RTA_DST, ipv4Bytes(address)]);
  const what = `route to ${address === undefined ? "everywhere" : formatIpv4(address)}`;
  return { what, type: RTM_NEWROUTE, flags: CREATE, head, attributes };
}

function ipv4Bytes(address: number): Uint8Array {
  return new Uint8Array([24, 16, 8, 0].map((shift) => (address >>> shift) & 255));
}

function pairRequest({ name, mtu }: LinkSpec, namespaceFd: number): Request {
  const common: Attribute[] = [
    [IFLA_ADDRESS, MAC],
    [IFLA_MTU, u32(mtu)],
  ];
  const peer: Attribute[] = [[IFLA_IFNAME, text(INSIDE_NAME)], [IFLA_NET_NS_FD, u32(namespaceFd)], ...common];
  const info: Attribute[] = [
    [IFLA_INFO_KIND, text("veth")],
    [IFLA_INFO_DATA, [[VETH_INFO_PEER, peer, ifinfomsg(IFF_NOARP)]]],
  ];
  return {
    what: `link ${name}`,
    type: RTM_NEWLINK,
    flags: CREATE,
    head: ifinfomsg(IFF_NOARP),
    attributes: [[IFLA_IFNAME, text(name)], ...common, [IFLA_LINKINFO, info]],
  };
}

/** For the devices that the current namespace will get. The sysctl is not there when the kernel has no IPv6. */
export function turnOffIpv6(): void {
  try {
    writeFileSync("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

export function ifreq(name: string): Uint8Array {
  const request = new Uint8Array(40);
  request.set(Buffer.from(name).subarray(0, 15));
  return request;
}

/** Of a device of the namespace that the socket belongs to. */
export function indexOf(socketFd: number, name: string): number {
  const request = ifreq(name);
  ioctl(socketFd, SIOCGIFINDEX, request);
  return new Int32Array(request.buffer, 16, 1)[0] ?? 0;
}

export function upRequest(index: number): Request {
  return { what: "link up", type: RTM_SETLINK, head: ifinfomsg(IFF_UP, index), attributes: [] };
}

/** Before the device is up: forwarding on, and no IPv6 address ever. */
function settingsRequest(index: number): Request {
  const families: Attribute[] = [[AF_INET, [[IFLA_INET_CONF, [[IPV4_DEVCONF_FORWARDING, u32(1)]]]]]];
  if (existsSync("/proc/sys/net/ipv6")) families.push([AF_INET6, [[IFLA_INET6_ADDR_GEN_MODE, u8(NO_ADDRESSES)]]]);
  return { what: "settings", type: RTM_SETLINK, head: ifinfomsg(0, index), attributes: [[IFLA_AF_SPEC, families]] };
}

interface Inside {
  netlink: Netlink;
  index: number;
}

/** The jail's end, seen from the jail's namespace. */
function openInside(): Inside {
  const any = socket(AF_INET, SOCK_DGRAM);
  try {
    return { index: indexOf(any, INSIDE_NAME), netlink: openNetlink(NETLINK_ROUTE) };
  } finally {
    closeSync(any);
  }
}

async function configureInside({ netlink, index }: Inside, address: number | undefined): Promise<void> {
  const own = address === undefined ? [] : [addressRequest(index, address)];
  try {
    await netlink.send(upRequest(index), ...own, routeRequest(index));
  } finally {
    await netlink.close();
  }
}

export interface Links {
  /** Whether the name and the address were free; if not, nothing was made. The link may do nothing yet. */
  create(spec: LinkSpec, network: JailNetwork): Promise<boolean>;
  /** What the firewall knows of a link. */
  setGroup(name: string, group: number): Promise<void>;
  /** One that is gone already is fine. It also goes by itself with the jail's network namespace. */
  remove(name: string): Promise<void>;
  /** Bytes; undefined when there is no such device. */
  mtu(name: string): number | undefined;
  close(): Promise<void>;
}

/** Links of the network namespace that this is called in. */
export function openLinks(): Links {
  const control = socket(AF_INET, SOCK_DGRAM);
  let host: Netlink;
  try {
    host = openNetlink(NETLINK_ROUTE);
  } catch (error) {
    closeSync(control);
    throw error;
  }

  async function remove(name: string): Promise<void> {
    try {
      await host.send({ what: name, type: RTM_DELLINK, head: ifinfomsg(0), attributes: [[IFLA_IFNAME, text(name)]] });
    } catch (error) {
      if (systemCode(error) !== "ENODEV") throw error;
    }
  }

  async function configure(spec: LinkSpec, network: JailNetwork): Promise<void> {
    const index = indexOf(control, spec.name);
    // The kernel refuses a second route to an address: that is what makes addresses unique, also between Kilns.
    const route = routeRequest(index, spec.address);
    await host.send(settingsRequest(index), upRequest(index), route, addressRequest(index, spec.hostAddress));
    await configureInside(network.inside(openInside), spec.own === false ? undefined : spec.address);
  }

  return {
    async create(spec, network) {
      network.inside(turnOffIpv6);
      try {
        await host.send(pairRequest(spec, network.fd));
      } catch (error) {
        if (systemCode(error) === "EEXIST") return false;
        throw error;
      }
      try {
        await configure(spec, network);
        return true;
      } catch (error) {
        await remove(spec.name);
        if (systemCode(error) === "EEXIST") return false;
        throw error;
      }
    },
    async setGroup(name, group) {
      const attributes: Attribute[] = [
        [IFLA_IFNAME, text(name)],
        [IFLA_GROUP, u32(group)],
      ];
      await host.send({ what: `group of ${name}`, type: RTM_SETLINK, head: ifinfomsg(0), attributes });
    },
    remove,
    mtu(name) {
      const request = ifreq(name);
      try {
        ioctl(control, SIOCGIFMTU, request);
      } catch (error) {
        if (systemCode(error) === "ENODEV") return undefined;
        throw error;
      }
      return new Int32Array(request.buffer, 16, 1)[0];
    },
    async close() {
      closeSync(control);
      await host.close();
    },
  };
}

/** Names of this namespace's devices that begin with a prefix (proc_net(5)). */
export function devicesWithPrefix(prefix: string): string[] {
  return readFileSync("/proc/thread-self/net/dev", "utf8")
    .split("\n")
    .map((line) => line.split(":", 1)[0]?.trim() ?? "")
    .filter((name) => name.startsWith(prefix));
}

/** Finds free names and addresses, in ascending order: one that was used comes again as late as possible. */
export function createAddresses(range: { first: number; size: number }, prefix: string) {
  /** The second is the hosts' ends'; the first and the last are kept free. */
  const usable = range.size - 3;
  let next = Math.floor(Math.random() * usable);
  return {
    /** Tries until `attempt` succeeds. Throws KilnError when all are taken. */
    async find(attempt: (name: string, address: number) => Promise<boolean>): Promise<string> {
      for (let tries = 0; tries < usable; tries++) {
        const index = next + 2;
        next = (next + 1) % usable;
        const name = `${prefix}${index}`;
        // oxlint-disable-next-line no-await-in-loop -- The next is tried only if this one is taken.
        if (await attempt(name, range.first + index)) return name;
      }
      throw new KilnError("NETWORK_ADDRESSES_EXHAUSTED", "All addresses of KILN_NETWORK_CIDR are in use.", {
        hint: "Choose a larger range.",
      });
    },
  };
}
