/**
 * Isolation levels side by side: cold starts and warm calls of the same function, through the HTTP port, in interleaved
 * rounds. Without pre-booted jails, which not every level has; with the pool, a container's cold start is that of `cold`.
 */
import { messageOf } from "../src/base/errors.ts";
import { coldCall, timedCall } from "./cold.ts";
import { deployEcho } from "./functions.ts";
import { Figures, type Absent } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { median } from "./harness/statistics.ts";
import { startKiln, type RunningKiln } from "./processes.ts";

const warmCalls = 20;
const levels = ["container", "gvisor", "microvm"];

export async function isolation({ rounds = 10 }: BenchOptions): Promise<void> {
  const kilns: [string, RunningKiln][] = [];
  const absent: Absent[] = [];
  const figures = new Figures();
  try {
    for (const level of levels) {
      try {
        const kiln = await startKiln({ KILN_ISOLATION: level, KILN_POOL_SIZE: "0" });
        kilns.push([level, kiln]);
        await deployEcho(kiln.client, "nodejs24.x");
        await coldCall(kiln.client, { ROUND: "first" });
      } catch (error) {
        await (kilns.at(-1)?.[0] === level ? kilns.pop() : undefined)?.[1].stop();
        absent.push({ subject: level, reason: messageOf(error).trim().split("\n")[0] ?? "" });
      }
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [subject, { client }] of kilns) {
        const add = (name: string, ms: number): void =>
          figures.add({ case: name, subject, metric: "time", unit: "ms", better: "less" }, ms);
        add("cold start", await coldCall(client, { ROUND: String(round) }));
        const times: number[] = [];
        for (let call = 0; call < warmCalls; call += 1) times.push(await timedCall(client));
        add("warm call", median(times));
      }
    }
    const title = `Isolation levels: ${rounds} interleaved rounds, no pool, 1,769 MB, nodejs24.x, official client`;
    await record({ scenario: "isolation", title, headline: "time", figures: figures.all(), absent });
  } finally {
    for (const [, kiln] of kilns) await kiln.stop();
  }
}
