/**
 * What the network of functions costs: cold and warm calls of a Kiln with it beside one without (KILN_NETWORK=none), in
 * interleaved rounds; and what a link adds to the making of a network namespace.
 */
import { closeSync } from "node:fs";
import { openHostNetwork } from "../src/sandbox/host/network/host-network.ts";
import { createNetwork } from "../src/sandbox/host/netns.ts";
import { coldCall, timedCall } from "./cold.ts";
import { deployEcho } from "./functions.ts";
import { startKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 20;
const runtime = "nodejs24.x";

function rowsOf(figures: Readonly<Record<string, readonly number[]>>, base: string): Row[] {
  return Object.entries(figures).map(([what, values]) => ({
    what,
    "median ms": median(values).toFixed(2),
    spread: spread(values, 2),
    ratio: (median(values) / median(figures[base] ?? [])).toFixed(2),
  }));
}

/** ms of the parts, in this process; the main thread does nothing else meanwhile. */
async function parts(): Promise<Record<string, number[]>> {
  const network = await openHostNetwork(`bench-${process.pid}`, {
    cidr: "198.18.0.0/16",
    uplinks: [],
    limits: { connections: 1024, packets: 50_000, bytes: 125_000_000 },
    resolvers: [],
  });
  const figures = {
    "a namespace": [] as number[],
    "and a link, and a resolver": [] as number[],
    "its policy": [] as number[],
  };
  for (let round = 0; round < 100; round += 1) {
    const started = performance.now();
    const namespace = createNetwork("127.0.0.1", 9001);
    const made = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- One after the other is what is measured.
    const connection = await network.connect(namespace);
    const linked = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- One after the other is what is measured.
    await connection.allow({ kind: "internet" });
    figures["its policy"].push(performance.now() - linked);
    figures["a namespace"].push(made - started);
    figures["and a link, and a resolver"].push(linked - made);
    connection.close();
    closeSync(namespace.listener);
    namespace.close();
  }
  await network.close();
  return figures;
}

export async function network(): Promise<void> {
  const settings = [
    ["no network", { KILN_NETWORK: "none" }],
    ["network", {}],
  ] as const;
  const kilns = await Promise.all(
    settings.flatMap(([name, environment]) => [
      startKiln(environment).then((kiln) => ({ name: `pre-booted jail, ${name}`, kiln })),
      startKiln({ ...environment, KILN_POOL_SIZE: "0" }).then((kiln) => ({ name: `no pool, ${name}`, kiln })),
    ]),
  );
  try {
    const figures: Record<string, number[]> = {};
    const note = (what: string, ms: number): void => void (figures[what] ??= []).push(ms);
    for (const { kiln } of kilns) {
      await deployEcho(kiln.client, runtime);
      await coldCall(kiln.client, { ROUND: "first" });
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, kiln } of kilns) {
        note(name, await coldCall(kiln.client, { ROUND: String(round) }));
        for (let call = 0; call < 20; call += 1) {
          const ms = await timedCall(kiln.client);
          if (name.startsWith("pre-booted")) note(name.replace("pre-booted jail", "warm"), ms);
        }
      }
    }
    printTable(`Calls with and without a network: ${rounds} interleaved rounds, ${runtime}`, [
      ...rowsOf(figures, "pre-booted jail, no network"),
    ]);
    const ofParts = await parts();
    printTable("The parts, 100 times", rowsOf(ofParts, "a namespace"));
    console.log(`\n${await saveResult("network", { ...figures, ...ofParts })}`);
  } finally {
    await Promise.all(kilns.map(({ kiln }) => kiln.stop()));
  }
}
