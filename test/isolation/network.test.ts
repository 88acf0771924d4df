/** Nobody can be reached from a jail but its own Runtime API. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import { after, before, test } from "node:test";
import { RUNTIME_API_HOST, RUNTIME_API_PORT } from "../../src/sandbox/contract.ts";
import { openStage, type Stage } from "./support.ts";

let stage: Stage;
let hostServer: Server;
let abstractServer: Server;
const abstractName = `\0kiln-test-${process.pid}`;
before(async () => {
  stage = await openStage();
  hostServer = createServer().listen(0, "0.0.0.0");
  abstractServer = createServer().listen(abstractName);
  await Promise.all([once(hostServer, "listening"), once(abstractServer, "listening")]);
});
after(async () => {
  hostServer?.close();
  abstractServer?.close();
  await stage?.close();
});

test("not the host's ports, addresses and local sockets, and not the world", async () => {
  const { port } = hostServer.address() as AddressInfo;
  const hostAddress = Object.values(networkInterfaces())
    .flat()
    .find((found) => found !== undefined && !found.internal && found.family === "IPv4")?.address;
  const targets = [
    ["127.0.0.1", port],
    [hostAddress ?? "192.0.2.2", port],
    ["169.254.169.254", 80],
    ["192.0.2.1", 443],
    ["2001:db8::1", 443],
    [RUNTIME_API_HOST, RUNTIME_API_PORT],
    abstractName,
    "/run/docker.sock",
  ];
  let connections = 0;
  const output = await stage.probe("network.mjs", {
    env: { TARGETS: JSON.stringify(targets) },
    onConnection(socket) {
      connections++;
      socket.end();
    },
  });
  const { results, datagram } = JSON.parse(output) as { results: Record<string, string>; datagram: string };
  const outcomes = targets.map((target) => results[String(target)]);
  assert.deepEqual(outcomes, [
    "ECONNREFUSED",
    "ENETUNREACH",
    "ENETUNREACH",
    "ENETUNREACH",
    "ENETUNREACH",
    "connected",
    "ECONNREFUSED",
    "ENOENT",
  ]);
  assert.equal(datagram, "ENETUNREACH");
  assert.equal(connections, 1);
});

test("a jail cannot use up the host's descriptors through its Runtime API", async () => {
  const { port, host } = { port: RUNTIME_API_PORT, host: RUNTIME_API_HOST };
  const script = `
    const net = require("node:net");
    for (let i = 0; i < 200; i++) net.connect(${port}, "${host}").on("error", () => {});
    setTimeout(() => process.exit(0), 300)`;
  let open = 0;
  let most = 0;
  await stage.probe("", {
    argv: [stage.bench.node, "-e", script],
    onConnection(socket) {
      most = Math.max(most, ++open);
      socket.on("error", () => socket.destroy());
      socket.once("close", () => open--);
    },
  });
  assert.ok(most > 0 && most <= 32, `${most} connections`);
});
