/** What a network of jails does to its host: next to other Kilns, other rules, and other people's packets; and its limits. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { KilnError } from "../../src/base/errors.ts";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import type { Sandbox } from "../../src/sandbox/contract.ts";
import type { NetworkOptions } from "../../src/sandbox/host/network/host-network.ts";
import { listenOn } from "../../src/sandbox/host/netns.ts";
import { networkTraces } from "../support/kiln.ts";
import { type Bench, newInstance, openBench, probeFolder } from "./support.ts";
import { HOST, networkOptions, OFFICE, openTopology, PUBLIC, type Topology } from "./topology.ts";
import { tracesOf } from "./traces.ts";

const internet = { kind: "internet" } as const;
const target = `tcp ${PUBLIC}:80`;

let topology: Topology;
let bench: Bench;
let probes: string;
const open: Sandbox[] = [];
before(async () => {
  topology = openTopology();
  topology.world.addAddresses(PUBLIC);
  topology.world.udp(123, PUBLIC);
  await topology.world.tcp(80);
  bench = openBench();
  const folder = probeFolder();
  probes = await bench.imageOf(folder);
  rmSync(folder, { recursive: true });
});
afterEach(() => Promise.all(open.splice(0).map((sandbox) => sandbox.close())));
after(() => {
  bench?.close();
  topology?.close();
});

async function openSandbox(more: Partial<NetworkOptions> = {}, instance = newInstance()): Promise<Sandbox> {
  const sandbox = await bench.open(instance, { ...networkOptions, ...more });
  open.push(sandbox);
  return sandbox;
}

async function run(sandbox: Sandbox, script: string): Promise<string> {
  const { jail, stdout } = await startScript(sandbox, bench, script, { network: internet });
  await jail.exited;
  await jail.destroy();
  return stdout;
}

async function reaches(sandbox: Sandbox): Promise<boolean> {
  const argv = [bench.node, "/var/task/reach.mjs"];
  const env = { TARGETS: JSON.stringify([target]) };
  const { jail, stdout } = await startScript(sandbox, bench, "", {
    argv,
    env,
    tree: { code: probes },
    network: internet,
  });
  await jail.exited;
  await jail.destroy();
  return (JSON.parse(await stdout) as Record<string, string>)[target] === "here";
}

/** Somebody in the office who takes the host for a router. */
async function strangerReaches(): Promise<boolean> {
  const file = join(import.meta.dirname, "inside/reach.mjs");
  const env = { ...process.env, TARGETS: JSON.stringify([target]) };
  const { stdout } = await topology.office.inside(() => promisify(execFile)(process.execPath, [file], { env }));
  return stdout.includes("here");
}

const sysctl = (path: string): string => `/proc/sys/net/ipv4/${path}`;
const forwards = (name: string): boolean => readFileSync(sysctl(`conf/${name}/forwarding`), "utf8").trim() === "1";

test("a host that is no router does not become one", async () => {
  // The stranger's packets may leave the host, and the world knows the way back: only forwarding is missing.
  topology.world.run("ip", "route", "add", "10.20.0.0/24", "via", HOST);
  writeFileSync(sysctl("conf/office0/forwarding"), "1");
  assert.ok(!forwards("up0"));
  const sandbox = await openSandbox();
  assert.ok(forwards("up0"));
  assert.ok(await reaches(sandbox));
  assert.ok(!(await strangerReaches()), "answers from the world are for functions only");
  await open.pop()?.close();
  assert.ok(!forwards("up0") && forwards("office0"));
});

test("a host that is a router stays one", async () => {
  writeFileSync(sysctl("ip_forward"), "1");
  assert.ok(await strangerReaches());
  const sandbox = await openSandbox();
  assert.ok(await reaches(sandbox));
  assert.ok(await strangerReaches());
  await open.pop()?.close();
  assert.ok(forwards("up0") && (await strangerReaches()));
  writeFileSync(sysctl("ip_forward"), "0");
});

test("two Kilns on one host do not disturb one another, nor anybody's rules", async () => {
  const others = "table inet others {\n\tset never {\n\t\ttype ipv4_addr\n\t}\n}\n";
  topology.host.run("nft", others);
  const instances = [newInstance(), newInstance()];
  const [first, second] = await Promise.all(instances.map((instance) => openSandbox({}, instance)));
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual(await Promise.all([first, second].map(reaches)), [true, true]);
  await open.splice(open.indexOf(first), 1)[0]?.close();
  assert.deepEqual(tracesOf(instances[0] ?? ""), []);
  assert.ok(await reaches(second));
  // A third one that starts under the name of the first cleans up after it, and after nobody else.
  await openSandbox({}, instances[0]);
  assert.ok(await reaches(second));
  await Promise.all(open.splice(0).map((sandbox) => sandbox.close()));
  for (const instance of instances) assert.deepEqual(tracesOf(instance), []);
  assert.equal(topology.host.run("nft", "list", "ruleset"), others);
  topology.host.run("nft", "delete", "table", "inet", "others");
});

test("somebody flushes all rules: they come back, and the operator is told", async () => {
  const instance = newInstance();
  const reports: unknown[] = [];
  const sandbox = await openSandbox({ report: (error) => reports.push(error) }, instance);
  topology.host.run("nft", "flush", "ruleset");
  while (!networkTraces(instance).some((trace) => trace.startsWith("table"))) await sleep(100);
  assert.ok(await reaches(sandbox));
  assert.equal((reports[0] as KilnError).code, "NETWORK_RULES_GONE");
});

test("a range that the host uses already is refused, and nothing is left", async () => {
  const instance = newInstance();
  for (const cidr of ["192.168.0.0/16", "10.0.0.0/8"]) {
    await assert.rejects(
      openSandbox({ cidr }, instance),
      (error) => error instanceof KilnError && error.code === "NETWORK_RANGE_TAKEN",
    );
  }
  assert.deepEqual(networkTraces(instance), []);
});

/** Opens connections that stay open, and counts them. */
const connections = (count: number): string => `
  const { connect } = require("node:net");
  let open = 0, over = 0, settled = 0;
  const done = () => { if (++settled === ${count}) { console.log(open, over); process.exit(0); } };
  for (let i = 0; i < ${count}; i++)
    connect({ host: "${PUBLIC}", port: 81 }).on("connect", () => { open++; done(); }).on("error", () => { over++; done(); });`;

test("connections: as many as are allowed, and a neighbour has its own", async (t) => {
  const server = createServer((socket) => socket.on("error", () => socket.destroy()));
  t.after(() => server.close());
  server.listen({ fd: topology.world.inside(() => listenOn("0.0.0.0", 81)) });
  await once(server, "listening");
  const sandbox = await openSandbox({ limits: { connections: 10, packets: 0, bytes: 0 } });
  const outcomes = await Promise.all([run(sandbox, connections(25)), run(sandbox, connections(8))]);
  assert.deepEqual(outcomes, ["10 15\n", "8 0\n"]);
});

/** Sends datagrams as fast as it can. */
const flood = (count: number, bytes: number): string => `
  const socket = require("node:dgram").createSocket("udp4");
  const { setTimeout: sleep } = require("node:timers/promises");
  socket.connect(123, "${PUBLIC}", async () => {
    for (let i = 0; i < ${count}; i++) {
      socket.send(Buffer.alloc(${bytes}), () => undefined);
      if (i % 100 === 0) await sleep(1);
    }
    setTimeout(() => process.exit(0), 100);
  });`;

/** Packets that have arrived in the world, whether or not somebody reads them in time. */
function packetsInWorld(): number {
  const line = topology.world
    .run("cat", "/proc/thread-self/net/dev")
    .split("\n")
    .find((text) => text.includes("eth0"));
  return Number(line?.trim().split(/\s+/)[2]);
}

test("packets and bytes: a flood ends at the link", async () => {
  for (const [limits, least, most] of [
    [{ connections: 0, packets: 100, bytes: 0 }, 90, 1500],
    [{ connections: 0, packets: 0, bytes: 100_000 }, 90, 1500],
    [{ connections: 0, packets: 0, bytes: 0 }, 3000, 3100],
  ] as const) {
    const sandbox = await openSandbox({ limits });
    const before = packetsInWorld();
    await run(sandbox, flood(3000, 1000));
    const arrived = packetsInWorld() - before;
    // A second's worth for each second that it takes.
    assert.ok(arrived >= least && arrived < most, `${arrived} with ${JSON.stringify(limits)}`);
    await open.pop()?.close();
  }
});

test("a jail in a network with limits can still not reach what it could not without", async () => {
  const sandbox = await openSandbox({ limits: { connections: 10, packets: 1000, bytes: 1_000_000 } });
  const script = `require("node:net").connect(80, "${OFFICE}").on("error", (error) => console.log(error.code)).on("connect", () => console.log("connected"))`;
  assert.equal(await run(sandbox, script), "ECONNREFUSED\n");
});
