/**
 * A small internet for tests of the network, in network namespaces of the test's own: nothing of the machine's network is
 * touched, and nothing has to be reachable.
 *
 *   jails ── host (this process) ── 192.168.1.0/24 ── world: every address there is, public, private and reserved
 *                                └─ 10.20.0.0/24 ──── office: what a private network (VpcConfig) may open
 */
import { execFileSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import type { NetworkOptions } from "../../src/sandbox/host/network/host-network.ts";
import { CLONE_NEWNET, setns, unshare } from "../../src/sandbox/host/libc.ts";
import { createNetwork, datagramSocketOn, type JailNetwork, listenOn } from "../../src/sandbox/host/netns.ts";

export const HOST = "192.168.1.2";
export const OFFICE_HOST = "10.20.0.1";
export const OFFICE = "10.20.0.5";
/** Addresses of the world that anybody may speak to. */
export const PUBLIC = "93.184.216.34";
export const RESOLVER = "9.9.9.9";

export const networkOptions: NetworkOptions = {
  cidr: "198.18.0.0/16",
  uplinks: [],
  limits: { connections: 0, packets: 0, bytes: 0 },
  resolvers: [RESOLVER],
};

export interface Seen {
  /** `tcp 93.184.216.34:80 from 192.168.1.2`, in the order of arrival. */
  arrivals: string[];
}

export interface Topology extends Seen {
  world: Place;
  office: Place;
  /** Servers of the host itself. */
  host: Place;
  /** Goes back to the machine's own network. */
  close(): void;
}

export interface Place {
  /** Gives it addresses of its own. */
  addAddresses(...addresses: readonly string[]): void;
  /** A server that answers "here"; on all addresses if none is given. */
  tcp(port: number, address?: string): Promise<Server>;
  /** A server that sends every datagram back. */
  udp(port: number, address: string): void;
  /** Runs a program there, to its end. */
  run(program: string, ...parameters: readonly string[]): string;
  inside<T>(work: () => T): T;
}

function ip(...parameters: readonly string[]): string {
  return execFileSync("ip", parameters, { encoding: "utf8" });
}

/** Moves this process into a new network, the host's of the test. Call it before anything else of the network is used. */
export function openTopology(): Topology {
  const home = openSync("/proc/thread-self/ns/net", "r");
  const seen: string[] = [];
  const closers: (() => void)[] = [];
  unshare(CLONE_NEWNET);
  ip("link", "set", "lo", "up");

  function far(name: string, hostAddress: string, address: string): JailNetwork {
    const network = createNetwork("127.0.0.1", 9);
    closers.push(() => {
      closeSync(network.listener);
      network.close();
    });
    ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", network.path);
    ip("address", "add", `${hostAddress}/24`, "dev", name);
    ip("link", "set", name, "up");
    network.inside(() => {
      ip("address", "add", `${address}/24`, "dev", "eth0");
      ip("link", "set", "eth0", "up");
      ip("route", "add", "default", "via", hostAddress);
    });
    return network;
  }

  function place(inside: <T>(work: () => T) => T): Place {
    return {
      inside,
      addAddresses: (...addresses) =>
        inside(() => {
          for (const address of addresses)
            ip("address", "add", `${address}/${address.includes(":") ? 128 : 32}`, "dev", "lo");
        }),
      async tcp(port, address = "0.0.0.0") {
        const server = createServer((socket) => {
          seen.push(`tcp ${socket.localAddress}:${port} from ${socket.remoteAddress}`);
          socket.on("error", () => socket.destroy());
          socket.end("here");
        });
        server.listen({ fd: inside(() => listenOn(address, port)) });
        await once(server, "listening");
        closers.push(() => server.close());
        return server;
      },
      udp(port, address) {
        const socket = createSocket("udp4");
        socket.on("message", (bytes, from) => {
          seen.push(`udp ${address}:${port} from ${from.address}`);
          socket.send(bytes, from.port, from.address, () => undefined);
        });
        socket.bind({ fd: inside(() => datagramSocketOn(address, port)) });
        closers.push(() => socket.close());
      },
      run: (program, ...parameters) => inside(() => execFileSync(program, parameters, { encoding: "utf8" })),
    };
  }

  const world = far("up0", HOST, "192.168.1.1");
  const office = far("office0", OFFICE_HOST, OFFICE);
  ip("route", "add", "default", "via", "192.168.1.1", "dev", "up0");
  // The world accepts every address as a sender: what it does not see did not leave the host.
  world.inside(() => {
    for (const name of ["all", "eth0"]) writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, "0");
  });
  return {
    arrivals: seen,
    world: place((work) => world.inside(work)),
    office: place((work) => office.inside(work)),
    host: place((work) => work()),
    close() {
      for (const close of closers.toReversed()) close();
      setns(home, CLONE_NEWNET);
      closeSync(home);
    },
  };
}
