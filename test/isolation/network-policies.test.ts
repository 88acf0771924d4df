/** Whom a jail with a network reaches, and who reaches it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { startScript } from "../../src/sandbox/conformance/subject.ts";
import type { NetworkPolicy } from "../../src/sandbox/contract.ts";
import { type FastLevel, type Level, levels } from "./levels.ts";
import { openStage, type Stage } from "./support.ts";
import { HOST, networkOptions, OFFICE, OFFICE_HOST, openTopology, PUBLIC, type Topology } from "./topology.ts";
import { processesOf } from "./traces.ts";

/** Addresses that answer in the test's world, and that no function may reach through the internet. */
const FORBIDDEN = [
  "10.1.2.3",
  "172.20.0.5",
  "192.168.77.1",
  "100.64.3.3",
  "100.100.100.200",
  "168.63.129.16",
  "169.254.169.254",
  "169.254.170.2",
  "192.0.0.192",
  "192.0.2.55",
  "198.18.200.1",
  "198.19.0.1",
  "198.51.100.7",
  "203.0.113.7",
  "240.0.0.7",
];
const KILN_PORT = 4566;
/** An address of the host that would be public. */
const HOST_PUBLIC = "45.45.45.45";

let topology: Topology;
/** The rules are the host's, the same for all levels: those that are tested at every level show that they hold for it. */
const stages: Partial<Record<Level, Stage>> = {};
function stageOf(level: Level): Stage {
  const stage = stages[level];
  if (stage === undefined) throw new TypeError(`the level ${level} is not open`);
  return stage;
}
before(async () => {
  topology = openTopology();
  const { world, office, host } = topology;
  world.addAddresses(PUBLIC, ...FORBIDDEN);
  host.addAddresses(HOST_PUBLIC);
  await Promise.all([world.tcp(80), office.tcp(5432), office.tcp(6379), host.tcp(KILN_PORT)]);
  for (const address of [PUBLIC, ...FORBIDDEN]) world.udp(123, address);
  office.udp(53, OFFICE);
  host.udp(KILN_PORT, HOST);
  for (const { level, skip } of levels) if (skip === false) stages[level] = await openStage(networkOptions, level);
});
after(async () => {
  for (const stage of Object.values(stages)) await stage.close();
  topology?.close();
});

async function reach(
  network: NetworkPolicy | undefined,
  targets: readonly string[],
  level: Level = "container",
): Promise<Record<string, string>> {
  topology.arrivals.length = 0;
  const output = await stageOf(level).probe("reach.mjs", { network, env: { TARGETS: JSON.stringify(targets) } });
  return JSON.parse(output) as Record<string, string>;
}

const everything = [
  `tcp ${PUBLIC}:80`,
  `udp ${PUBLIC}:123`,
  ...FORBIDDEN.flatMap((address) => [`tcp ${address}:80`, `udp ${address}:123`]),
  `tcp ${HOST}:${KILN_PORT}`,
  `udp ${HOST}:${KILN_PORT}`,
  `tcp ${HOST_PUBLIC}:${KILN_PORT}`,
  `tcp ${OFFICE_HOST}:${KILN_PORT}`,
  `tcp 198.18.0.1:${KILN_PORT}`,
  `tcp 192.168.1.1:80`,
  `tcp ${OFFICE}:5432`,
  `tcp ${OFFICE}:6379`,
  `udp ${OFFICE}:53`,
  "udp 224.0.0.1:123",
  "udp 192.168.1.255:123",
];

/** What did get an answer. */
function answered(outcomes: Record<string, string>): string[] {
  return Object.keys(outcomes).filter((target) => outcomes[target] === "here");
}

test("all of it answers the host: what a jail does not reach is kept from it", async () => {
  const file = join(import.meta.dirname, "inside/reach.mjs");
  const env = { ...process.env, TARGETS: JSON.stringify(everything) };
  const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
  const silent = everything.filter(
    (target) => !answered(JSON.parse(stdout) as Record<string, string>).includes(target),
  );
  assert.deepEqual(silent, ["tcp 198.18.0.1:4566", "udp 224.0.0.1:123", "udp 192.168.1.255:123"]);
});

const egress = (protocol: "tcp" | "udp", ports: [number, number], cidr: string) => ({ protocol, ports, cidrs: [cidr] });
const office = { kind: "private", routes: ["10.20.0.0/24"], internet: false } as const;

/** What a jail is told that tries to change its network. */
const refusals: Record<FastLevel, Record<string, string>> = {
  container: {
    "new address": "EPERM",
    "new route": "EPERM",
    "new link": "EPERM",
    "link down": "ENOSYS",
    "new hardware address": "ENOSYS",
    "transparent socket": "EPERM",
    "packet mark": "EPERM",
    "somebody else's address": "EADDRNOTAVAIL",
    "port below 1024": "EACCES",
  },
  gvisor: {
    "new address": "EACCES",
    "new route": "EACCES",
    "new link": "EACCES",
    "link down": "ENOTTY",
    "new hardware address": "ENOTTY",
    // gVisor's kernel takes these two; as a process of the host it has no right to them.
    "transparent socket": "allowed",
    "packet mark": "allowed",
    "somebody else's address": "EADDRNOTAVAIL",
    "port below 1024": "EACCES",
  },
};

for (const { level, skip } of levels) {
  test(
    `internet, ${level}: the world's public addresses, with the host's address, and nothing else`,
    { skip },
    async () => {
      const outcomes = await reach({ kind: "internet" }, everything, level);
      assert.deepEqual(answered(outcomes), [`tcp ${PUBLIC}:80`, `udp ${PUBLIC}:123`]);
      assert.deepEqual(topology.arrivals.toSorted(), [
        `tcp ${PUBLIC}:80 from ${HOST}`,
        `udp ${PUBLIC}:123 from ${HOST}`,
      ]);
      // A refusal is immediate: nobody waits for a timeout.
      const refused = Object.entries(outcomes).filter(
        ([target]) => target.startsWith("tcp") && !target.includes(PUBLIC),
      );
      assert.deepEqual([...new Set(refused.map(([, outcome]) => outcome))], ["ECONNREFUSED"]);
    },
  );

  test(`private network, ${level}: one port`, { skip }, async () => {
    const network = { ...office, egress: [egress("tcp", [5432, 5432], `${OFFICE}/32`)] };
    assert.deepEqual(answered(await reach(network, everything, level)), [`tcp ${OFFICE}:5432`]);
    assert.equal(topology.arrivals.length, 1, topology.arrivals.join());
  });

  for (const network of [{ kind: "none" } as const, undefined]) {
    test(`${network === undefined ? "no policy" : "none"}, ${level}: nothing`, { skip }, async () => {
      assert.deepEqual(answered(await reach(network, everything, level)), []);
      assert.deepEqual(topology.arrivals, []);
    });
  }

  test(`a jail cannot change its own network, nor send as somebody else: ${level}`, { skip }, async () => {
    const probe = stageOf(level).probe("reconfigure.mjs", { network: { kind: "internet" } });
    const answers = JSON.parse(await probe) as Record<string, string>;
    // gVisor's kernel says the one or the other, by its version.
    for (const name of level === "gvisor" ? ["new address", "new route", "new link"] : []) {
      if (answers[name] === "EPERM") answers[name] = "EACCES";
    }
    assert.deepEqual(answers, refusals[level]);
  });
}

test("addresses that the host translates are judged before and after", async () => {
  const service = "10.96.0.1";
  const published = "46.46.46.46";
  topology.host.run(
    "nft",
    `table ip others {
      chain prerouting {
        type nat hook prerouting priority dstnat;
        ip daddr ${service} tcp dport 80 dnat to ${PUBLIC}
        ip daddr ${published} tcp dport 80 dnat to ${OFFICE}:5432
        ip daddr ${published} tcp dport 81 redirect to :${KILN_PORT}
      }
    }`,
  );
  const targets = [`tcp ${service}:80`, `tcp ${published}:80`, `tcp ${published}:81`];
  assert.deepEqual(answered(await reach({ kind: "internet" }, targets)), []);
  assert.deepEqual(topology.arrivals, []);
  topology.host.run("nft", "delete", "table", "ip", "others");
});

test("no IPv6, wherever it leads", async () => {
  const outcomes = await reach({ kind: "internet" }, ["tcp 2001:db8::1:80", "tcp fd00:ec2::254:80", "udp ff02::1:123"]);
  assert.deepEqual([...new Set(Object.values(outcomes))], ["ENETUNREACH"]);
});

for (const [name, network, reached] of [
  [
    "a range of ports, and another protocol",
    { ...office, egress: [egress("tcp", [5000, 6400], "0.0.0.0/0"), egress("udp", [53, 53], "10.0.0.0/8")] },
    [`tcp ${OFFICE}:5432`, `tcp ${OFFICE}:6379`, `udp ${OFFICE}:53`],
  ],
  ["another address", { ...office, egress: [egress("tcp", [0, 65_535], "10.20.0.6/32")] }, []],
  ["no rule", { ...office, egress: [] }, []],
  [
    "everything, which is still neither the host nor what has no route",
    { ...office, egress: [{ protocol: "all", cidrs: ["0.0.0.0/0"] }] },
    [`tcp ${OFFICE}:5432`, `tcp ${OFFICE}:6379`, `udp ${OFFICE}:53`],
  ],
  [
    "everything, and the internet",
    { ...office, internet: true, egress: [{ protocol: "all", cidrs: ["0.0.0.0/0"] }] },
    [`tcp ${PUBLIC}:80`, `udp ${PUBLIC}:123`, `tcp ${OFFICE}:5432`, `tcp ${OFFICE}:6379`, `udp ${OFFICE}:53`],
  ],
  [
    "the internet on one port, with no private route",
    { kind: "private", routes: [], internet: true, egress: [egress("tcp", [80, 80], "0.0.0.0/0")] },
    [`tcp ${PUBLIC}:80`],
  ],
  [
    "routes to forbidden addresses do not open them",
    {
      kind: "private",
      routes: ["169.254.0.0/16", "127.0.0.0/8", "198.18.0.0/15", "192.168.1.0/24"],
      internet: false,
      egress: [{ protocol: "all", cidrs: ["0.0.0.0/0"] }],
    },
    ["tcp 198.19.0.1:80", "udp 198.19.0.1:123", "tcp 192.168.1.1:80"],
  ],
] satisfies [string, NetworkPolicy, string[]][]) {
  test(`private network: ${name}`, async () => {
    assert.deepEqual(answered(await reach(network, everything)).toSorted(), reached.toSorted());
    assert.equal(topology.arrivals.length, reached.length, topology.arrivals.join());
  });
}

test("a policy that is none is refused, and starts nothing", async () => {
  for (const cidr of ["10.0.0.0/8 accept; #", "10.0.0.0", "::/0"]) {
    const network = { kind: "private", routes: [cidr], internet: false, egress: [] } as const;
    await assert.rejects(reach(network, []), { code: "NETWORK_POLICY_INVALID" });
  }
});

/** A jail that listens on every address it has, and says so. */
async function listeningJail(level: Level) {
  const script = `
    const { networkInterfaces } = require("node:os");
    require("node:dgram").createSocket("udp4").on("message", () => console.log("datagram")).bind(8000);
    require("node:net").createServer(() => console.log("connection")).listen(8000, "0.0.0.0", () =>
      console.log(networkInterfaces().eth0[0].address));`;
  const run = await startScript(stageOf(level).sandbox, stageOf(level).bench, script, {
    network: { kind: "internet" },
  });
  const [first] = await run.first;
  return { ...run, address: String(first).trim() };
}

for (const { level, skip } of levels) {
  test(
    `nobody opens a connection to a jail: not a neighbour, not the host, not the network; ${level}`,
    { skip },
    async () => {
      const { jail, stdout, address } = await listeningJail(level);
      const targets = [`tcp ${address}:8000`, `udp ${address}:8000`];
      for (const network of [
        { kind: "internet" },
        {
          kind: "private",
          routes: ["198.18.0.0/15"],
          internet: true,
          egress: [{ protocol: "all", cidrs: ["0.0.0.0/0"] }],
        },
      ] as const) {
        assert.deepEqual(answered(await reach(network, targets)), []);
      }
      const probe = `require("node:net").connect(8000, "${address}").on("connect", () => process.exit(0)).on("error", () => process.exit(1));
    require("node:dgram").createSocket("udp4").send("x", 8000, "${address}", () => undefined); setTimeout(() => process.exit(1), 500)`;
      for (const place of [topology.host, topology.world]) {
        assert.throws(() => place.run(process.execPath, "-e", probe));
      }
      await jail.destroy();
      assert.equal(await stdout, `${address}\n`);
    },
  );
}

test("a sender's address that is not the jail's does not leave it", async () => {
  const { jail } = await listeningJail("container");
  const [pid = 0] = processesOf(stageOf("container").bench.instance);
  topology.arrivals.length = 0;
  // What a function has no right to, and what root does here in its network.
  const spoof = (address: string): void => {
    const inJail = ["--net", "--target", String(pid)];
    topology.host.run("nsenter", ...inJail, "ip", "address", "add", `${address}/32`, "dev", "eth0");
    const send = `const s = require("node:dgram").createSocket("udp4"); s.bind(0, "${address}", () => s.send("x", 123, "${PUBLIC}", () => s.close()))`;
    topology.host.run("nsenter", ...inJail, process.execPath, "-e", send);
  };
  for (const address of ["10.1.1.1", "198.18.7.7", HOST, "8.8.4.4"]) spoof(address);
  assert.deepEqual(answered(await reach({ kind: "internet" }, [`udp ${PUBLIC}:123`])), [`udp ${PUBLIC}:123`]);
  assert.deepEqual(topology.arrivals, [`udp ${PUBLIC}:123 from ${HOST}`]);
  await jail.destroy();
});
