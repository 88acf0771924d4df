/**
 * The TAP device through which a virtual machine is in a jail's network namespace. What a container finds at its loopback
 * address, the machine finds there as well: its kernel sends single ports of 127.0.0.1 out (guest/network.c), and the
 * namespace's loopback answers, because the device may carry loopback addresses. No packet of it goes further.
 */
import { closeSync, constants, openSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { parseIpv4 } from "../../../base/ipv4.ts";
import { ioctl, ioctlValue, markSocket, socket } from "../libc.ts";
import type { JailNetwork } from "../netns.ts";
import { addressRequest, ifreq, indexOf, MAC, routeRequest, turnOffIpv6 } from "./link.ts";
import { NETLINK_ROUTE, openNetlink } from "./netlink.ts";
import { leadMarkedOut } from "./rules.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const TUNSETIFF = 0x4004_54ca;
const TUNSETPERSIST = 0x4004_54cb;
const TUNSETOWNER = 0x4004_54cc;
const TUNSETGROUP = 0x4004_54ce;
const IFF_TAP = 0x2;
const IFF_NO_PI = 0x1000;
const IFF_VNET_HDR = 0x4000;
const SIOCSIFHWADDR = 0x8924;
const SIOCSIFFLAGS = 0x8914;
const IFF_UP_NOARP = 0x1 | 0x80;
const ARPHRD_ETHER = 1;
const TO_GUEST = 77;

/** Both ends know each other by these alone; they are the same in every jail, and no packet leaves with them. */
const HOST_ADDRESS = "169.254.77.1";
const GUEST_ADDRESS = "169.254.77.2";

export const TAP_NAME = "tap0";
/** Of the guest's end, as it is of the host's: there is no ARP. */
export const TAP_MAC = [...MAC].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

export interface Owner {
  uid: number;
  gid: number;
}

export interface Tap {
  /** The machine has this address: packets to it go there, and those that it sends go on. */
  give(address: string): Promise<void>;
  /** Connects to a port of the machine's own 127.0.0.1. */
  connect(port: number): Socket;
}

function number(address: string): number {
  const value = parseIpv4(address);
  if (value === undefined) throw new TypeError(`${address} is no address`);
  return value;
}

function open(owner: Owner): void {
  const fd = openSync("/dev/net/tun", constants.O_RDWR);
  try {
    const request = ifreq(TAP_NAME);
    new Uint16Array(request.buffer, 16, 1)[0] = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
    ioctl(fd, TUNSETIFF, request);
    // Nobody else of that namespace may open it, and its owner no other.
    ioctlValue(fd, TUNSETOWNER, owner.uid);
    ioctlValue(fd, TUNSETGROUP, owner.gid);
    ioctlValue(fd, TUNSETPERSIST, 1);
  } finally {
    closeSync(fd);
  }
}

function configure(name: string, value: string): void {
  writeFileSync(`/proc/sys/net/ipv4/${name}`, value);
}

/** In the namespace: the device, up, with the guest's hardware address. Its index. */
function make(owner: Owner): number {
  turnOffIpv6();
  open(owner);
  configure(`conf/${TAP_NAME}/route_localnet`, "1");
  configure(`conf/${TAP_NAME}/accept_local`, "1");
  // What comes with an address of somebody else's is stopped on the host's side of the link.
  configure("conf/all/rp_filter", "0");
  configure(`conf/${TAP_NAME}/rp_filter`, "0");
  configure("ip_forward", "1");
  const control = socket(AF_INET, SOCK_DGRAM);
  try {
    const hardware = ifreq(TAP_NAME);
    new Uint16Array(hardware.buffer, 16, 1)[0] = ARPHRD_ETHER;
    hardware.set(MAC, 18);
    ioctl(control, SIOCSIFHWADDR, hardware);
    const flags = ifreq(TAP_NAME);
    new Uint16Array(flags.buffer, 16, 1)[0] = IFF_UP_NOARP;
    ioctl(control, SIOCSIFFLAGS, flags);
    return indexOf(control, TAP_NAME);
  } finally {
    closeSync(control);
  }
}

/** @param owner Ids on the host of the only user who may open the device. It goes with the namespace. */
export async function createTap(network: JailNetwork, owner: Owner): Promise<Tap> {
  const { index, netlink } = network.inside(() => ({ index: make(owner), netlink: openNetlink(NETLINK_ROUTE) }));
  try {
    await netlink.send(
      addressRequest(index, number(HOST_ADDRESS)),
      routeRequest(index, number(GUEST_ADDRESS)),
      routeRequest(index, undefined, TO_GUEST),
      ...leadMarkedOut(TO_GUEST, TO_GUEST),
    );
  } finally {
    await netlink.close();
  }
  return {
    async give(address) {
      const inside = network.inside(() => openNetlink(NETLINK_ROUTE));
      try {
        await inside.send(routeRequest(index, number(address)));
      } finally {
        await inside.close();
      }
    },
    connect(port) {
      const fd = network.inside(() => {
        const made = socket(AF_INET, SOCK_STREAM);
        markSocket(made, TO_GUEST);
        return made;
      });
      return new Socket({ fd, readable: true, writable: true }).connect({ host: "127.0.0.1", port, family: 4 });
    },
  };
}
