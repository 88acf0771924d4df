/** Names in jails: who answers, what is kept back, and what becomes of hostile questions and answers. */
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { createServer } from "node:net";
import { after, before, test } from "node:test";
import type { NetworkPolicy } from "../../src/sandbox/contract.ts";
import { datagramSocketOn, listenOn } from "../../src/sandbox/host/netns.ts";
import { atEachLevel } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";
import { networkOptions, OFFICE, openTopology, PUBLIC, RESOLVER, type Topology } from "./topology.ts";

const A = 1;
const CNAME = 5;
const TXT = 16;
const AAAA = 28;
const NXDOMAIN = 3;

const u16 = (value: number): number[] => [value >> 8, value & 255];
const address = (text: string): number[] => text.split(".").map(Number);

/** Records by name; the owner is the name that was asked for. */
const zone: Record<string, [type: number, data: number[]][]> = {
  "public.example": [[A, address(PUBLIC)]],
  "private.example": [[A, address("10.1.2.3")]],
  "office.example": [[A, address(OFFICE)]],
  "metadata.example": [[A, address("169.254.169.254")]],
  "loopback.example": [[A, address("127.0.0.1")]],
  "mixed.example": [
    [A, address(PUBLIC)],
    [A, address("192.168.1.1")],
  ],
  // Names of nobody, in the uncompressed form; the address belongs to it, which resolvers of the jail must not mind.
  "alias.example": [
    [CNAME, [1, 97, 0]],
    [A, address("172.16.0.1")],
  ],
  "v6.example": [[AAAA, [...address("253.0.14.194"), ...Array.from<number>({ length: 12 }).fill(0)]]],
  "text.example": [[TXT, [5, ...Buffer.from("hello")]]],
  "many.example": Array.from({ length: 100 }, (_, index) => [A, [8, 8, 0, index]]),
};

function answerTo(question: Buffer, overUdp: boolean): Buffer {
  const end = question.indexOf(0, 12) + 5;
  const labels: string[] = [];
  for (let at = 12; question[at] !== 0; at += 1 + (question[at] ?? 0)) {
    labels.push(question.toString("latin1", at + 1, at + 1 + (question[at] ?? 0)));
  }
  const name = labels.join(".").toLowerCase();
  const wanted = question.readUInt16BE(end - 4);
  const known = zone[name] ?? [];
  const records = known.some(([type]) => type === wanted) ? known : [];
  const body = records.flatMap(([type, data]) => [
    0xc0,
    12,
    ...u16(type),
    0,
    1,
    0,
    0,
    0,
    60,
    ...u16(data.length),
    ...data,
  ]);
  const truncated = overUdp && body.length > 1000;
  const flags = 0x8180 | (truncated ? 0x0200 : 0) | (zone[name] === undefined ? NXDOMAIN : 0);
  const count = name === "broken.example" ? 7 : truncated ? 0 : records.length;
  const head = [
    ...question.subarray(0, 2),
    ...u16(name === "broken.example" ? 0x8180 : flags),
    0,
    1,
    ...u16(count),
    0,
    0,
    0,
    0,
  ];
  return Buffer.from([...head, ...question.subarray(12, end), ...(truncated ? [] : body)]);
}

let topology: Topology;
let asked = 0;
const closers: (() => void)[] = [];
before(async () => {
  topology = openTopology();
  topology.world.addAddresses(PUBLIC, RESOLVER);
  const [udp, tcp] = topology.world.inside(() => [datagramSocketOn(RESOLVER, 53), listenOn(RESOLVER, 53)] as const);
  const socket = createSocket("udp4");
  socket.on("message", (question, from) => {
    asked += 1;
    // An answer of somebody else first: nobody may be fooled by it.
    const forged = answerTo(question, true).fill(0xff, 0, 2);
    for (const answer of [forged, answerTo(question, true)]) socket.send(answer, from.port, from.address);
  });
  socket.bind({ fd: udp });
  const server = createServer((connection) => {
    connection.on("error", () => connection.destroy());
    connection.on("data", (bytes: Buffer) => {
      const answer = answerTo(bytes.subarray(2), false);
      connection.write(Buffer.from([...u16(answer.length), ...answer]));
    });
  }).listen({ fd: tcp });
  closers.push(
    () => socket.close(),
    () => server.close(),
  );
});
after(() => {
  for (const close of closers) close();
  topology?.close();
});

interface Outcome {
  resolvConf: string;
  resolved: Record<string, string[] | string>;
  libc: string;
  ipv6: string;
  text: string[][] | string;
  malformed: Record<string, number | string>;
  tcp: string;
  flood: string;
  direct: string[] | string;
}

const many = Array.from({ length: 100 }, (_, index) => `8.8.0.${index}`);

atEachLevel((level) => {
  let stage: Stage;
  before(async () => {
    stage = await openStage(networkOptions, level);
  });
  after(() => stage?.close());

  async function look(network: NetworkPolicy, more: Record<string, string> = {}): Promise<Outcome> {
    const names = [...Object.keys(zone), "nowhere.example", "broken.example"].filter(
      (name) => !/^(v6|text)/.test(name),
    );
    const env = { NAMES: JSON.stringify(names), RESOLVER, ...more };
    return JSON.parse(await stage.probe("names.mjs", { network, env })) as Outcome;
  }

  // The bound is the host's, the same for all levels; not every level is fast enough to exceed it.
  const floods = level === "container" ? { FLOOD: "yes" } : {};

  void test("names of public addresses, and none that leads to a private one", async () => {
    const outcome = await look({ kind: "internet" }, { ...floods, DIRECT: "yes" });
    const { "many.example": addresses, ...others } = outcome.resolved;
    assert.deepEqual(others, {
      "public.example": [PUBLIC],
      "private.example": "ENODATA",
      "office.example": "ENODATA",
      "metadata.example": "ENODATA",
      "loopback.example": "ENODATA",
      "mixed.example": "ENODATA",
      "alias.example": "ENODATA",
      "nowhere.example": "ENOTFOUND",
      "broken.example": "ESERVFAIL",
    });
    // More than fits into a datagram: over TCP.
    assert.deepEqual((addresses as string[]).toSorted(), many.toSorted());
    assert.match(outcome.resolvConf, /^nameserver 127\.0\.0\.1\noptions timeout:5/);
    assert.deepEqual([outcome.libc, outcome.ipv6, outcome.text], [PUBLIC, "ENODATA", [["hello"]]]);
    assert.deepEqual(outcome.malformed, { empty: "silence", zeros: 1, oversize: "silence", pointer: 1 });
    assert.equal(outcome.flood, level === "container" ? "refused, then answered" : "none");
    // A resolver of the jail's own choice may tell it anything; the address is as far away as before.
    assert.deepEqual(outcome.direct, ["10.1.2.3"]);
  });

  void test("in a private network: names of what its routes lead to", async () => {
    const network = { kind: "private", routes: ["10.20.0.0/24"], internet: false, egress: [] } as const;
    const { resolved } = await look(network);
    assert.deepEqual(
      Object.keys(resolved).filter((name) => Array.isArray(resolved[name])),
      ["office.example"],
    );
  });

  void test("no network, no names, and nobody is asked", async () => {
    asked = 0;
    const { resolved, libc } = await look({ kind: "none" });
    assert.deepEqual([...new Set(Object.values(resolved))], ["EREFUSED"]);
    assert.equal(libc, "EAI_AGAIN");
    assert.equal(asked, 0);
  });
});
