/**
 * The process of `probeNetwork`: a host, a jail's network and a world with one server, each in a namespace of its own.
 * Prints a NetworkProbe as JSON. All of it ends with the process.
 */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { messageOf } from "../../base/errors.ts";
import { formatIpv4 } from "../../base/ipv4.ts";
import { openHostNetwork } from "../host/network/host-network.ts";
import { openLinks } from "../host/network/link.ts";
import { CLONE_NEWNET, unshare } from "../host/libc.ts";
import { createNetwork, listenOn } from "../host/netns.ts";
import { connectInside } from "./connect-inside.ts";
import type { NetworkProbe } from "./network-probe.ts";

/** Any public address: the only packets to it are the probe's. */
const SERVER = 0x0808_0404;
const HOST = 0xc000_0201;
const PORT = 80;
const LINK = "world0";
const WAIT_MS = 3_000;

/** `connected`, or the error's code. */
async function outcome(socket: Socket): Promise<string> {
  socket.setTimeout(WAIT_MS, () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
    return "connected";
  } catch (error) {
    return messageOf(error);
  } finally {
    socket.destroy();
  }
}

async function probe(): Promise<NetworkProbe> {
  unshare(CLONE_NEWNET);
  const world = createNetwork("127.0.0.1", 1);
  const jail = createNetwork("127.0.0.1", 1);
  await openLinks().create({ name: LINK, address: SERVER, hostAddress: HOST, mtu: 1500 }, world);
  const senders: string[] = [];
  const server = createServer((socket) => {
    senders.push(socket.remoteAddress ?? "");
    socket.on("error", () => socket.destroy());
  });
  server.listen({ fd: world.inside(() => listenOn("0.0.0.0", PORT)) });
  await once(server, "listening");
  const network = await openHostNetwork(`probe-${process.pid}`, {
    cidr: "198.18.0.0/16",
    uplinks: [LINK],
    // Every kind of rule.
    limits: { connections: 10, packets: 1_000, bytes: 1_000_000 },
  });
  try {
    const connection = await network.connect(jail);
    const before = await outcome(connectInside(jail, PORT, formatIpv4(SERVER)));
    await connection.allow({ kind: "internet" });
    const allowed = await outcome(connectInside(jail, PORT, formatIpv4(SERVER)));
    const host = await outcome(connectInside(jail, PORT, formatIpv4(HOST)));
    if (allowed !== "connected") return { ok: false, reason: `A test server could not be reached: ${allowed}` };
    if (before === "connected" || host === "connected") return { ok: false, reason: "The rules do not hold." };
    if (senders.some((sender) => sender !== formatIpv4(HOST))) return { ok: false, reason: "There is no NAT." };
    return { ok: true, reason: "" };
  } finally {
    await network.close();
  }
}

const result = await probe().catch((error: unknown): NetworkProbe => ({ ok: false, reason: messageOf(error) }));
process.stdout.write(JSON.stringify(result), () => process.exit(0));
