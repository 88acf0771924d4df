/** Functions that look for a way to the host, to Kiln, to metadata services and to neighbours, and that flood. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { listenOn } from "../../src/sandbox/host/netns.ts";
import { deploy } from "../support/functions.ts";
import { openArena } from "./hostile.ts";
import { hostile } from "./levels.ts";
import { HOST, OFFICE_HOST, openTopology, type Place, PUBLIC, RESOLVER } from "./topology.ts";

const METADATA = ["169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200"];
const PACKETS = 200;
const CONNECTIONS = 20;
const FLOOD = 20_000;

interface Found {
  gateway?: string;
  /** Its address. */
  own?: string;
  visitors?: number;
  /** Connections. */
  open?: number;
  /** Of `reach`. */
  outcomes?: Record<string, string>;
}

function source(file: string): string {
  return readFileSync(join(import.meta.dirname, file), "utf8");
}

/** Datagrams that have come to the world, whoever has read them. */
function arrived(world: Place): number {
  const snmp = world.run("cat", "/proc/thread-self/net/snmp");
  const [names = "", values = ""] = snmp.split("\n").filter((line) => line.startsWith("Udp:"));
  const column = (name: string): number => Number(values.split(" ")[names.split(" ").indexOf(name)]);
  return column("InDatagrams") + column("NoPorts") + column("InErrors");
}

hostile("functions against the network", async (context, level) => {
  const topology = openTopology();
  context.after(() => topology.close());
  const { world, host } = topology;
  world.addAddresses(PUBLIC, RESOLVER, ...METADATA);
  await Promise.all([world.tcp(80), host.tcp(22)]);
  // A machine that has ended says nothing to those it was connected with: they would hold this process.
  const visitors = new Set<Socket>();
  const many = createServer((socket) => {
    visitors.add(socket.on("error", () => socket.destroy()));
  });
  context.after(() => {
    many.close();
    for (const socket of visitors) socket.destroy();
  });
  many.listen({ fd: world.inside(() => listenOn("0.0.0.0", 81)) });
  await once(many, "listening");
  const arena = await openArena(context, level, {
    KILN_NETWORK_DNS: RESOLVER,
    KILN_NETWORK_PACKETS: String(PACKETS),
    KILN_NETWORK_CONNECTIONS: String(CONNECTIONS),
  });
  const files = { "index.mjs": source("attacks/network.mjs"), "reach.mjs": source("inside/reach.mjs") };
  const Environment = { Variables: level === "microvm" ? { SILENCE_MS: "10000" } : {} };
  const settings = { Timeout: 60, MemorySize: 512, Environment };
  for (const name of ["attacker", "victim"]) await deploy(arena.client, name, files, settings);

  const of = async (name: string, event: object): Promise<Found> => {
    const { payload, error, log } = await arena.call(name, event);
    assert.equal(error, undefined, log);
    return payload as Found;
  };
  const attack = (event: { attack: string }, title: string, how: (found: Found) => string) =>
    arena.beside(title, () => of("attacker", event), how);

  await context.test("the host, Kiln, its neighbours, the gateway and metadata services", async () => {
    const { gateway } = await of("attacker", { attack: "where" });
    const { own: neighbour } = await of("victim", { attack: "where" });
    assert.ok(gateway !== undefined && neighbour !== undefined);
    const port = new URL(arena.kiln.endpoint().url).port;
    const waiting = of("victim", { attack: "wait", ms: 3000 });
    const targets = [
      `tcp ${PUBLIC}:80`,
      `tcp 127.0.0.1:${port}`,
      ...[HOST, OFFICE_HOST, gateway].flatMap((address) => [`tcp ${address}:${port}`, `tcp ${address}:22`]),
      `tcp ${neighbour}:8080`,
      `tcp ${neighbour}:9001`,
      ...METADATA.map((address) => `tcp ${address}:80`),
    ];
    const event = { attack: "reach", targets };
    const { outcomes = {} } = await attack(event, "addresses that are not for functions", () => "in parts below");
    for (const [target, outcome] of Object.entries(outcomes)) {
      assert.equal(outcome === "here", target === `tcp ${PUBLIC}:80`, `${target}: ${outcome}`);
      // Addresses and ports are chosen anew for each run.
      const names = { [gateway]: "the gateway", [neighbour]: "a neighbour", [HOST]: "the host" };
      const [, address = "", at = ""] = /^tcp (.*):(\d+)$/.exec(target) ?? [];
      const where = at === port ? "Kiln's port" : `port ${at}`;
      if (outcome !== "here") arena.denied(`connect to ${names[address] ?? address}, ${where}`, outcome);
    }
    assert.equal((await waiting).visitors, 0);
  });

  await context.test("a flood of packets ends at the link", async () => {
    const before = arrived(world);
    const startedAt = Date.now();
    await attack({ attack: "packets", count: FLOOD, to: PUBLIC } as { attack: string }, "a flood of packets", () => {
      const seconds = (Date.now() - startedAt) / 1000;
      return `${arrived(world) - before} of ${FLOOD} left in ${seconds.toFixed(1)} s`;
    });
    const seconds = (Date.now() - startedAt) / 1000;
    // A second's worth at once, and one for each second; twice that for what is counted at the borders.
    assert.ok(arrived(world) - before <= 2 * PACKETS * (seconds + 1), `${arrived(world) - before} in ${seconds} s`);
    assert.ok(arrived(world) - before > 0, "the way is open");
  });

  await context.test("connections without end", async () => {
    const event = { attack: "connections", count: 60, to: PUBLIC } as { attack: string };
    const { open = 0 } = await attack(event, "a flood of connections", (found) => `${found.open} of 60 open`);
    assert.ok(open <= CONNECTIONS && open > 0, `${open} are open`);
  });
  await arena.close();
});
