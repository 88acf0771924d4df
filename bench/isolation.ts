/**
 * Isolation levels side by side: cold starts and warm calls of the same function, through the HTTP port, in interleaved
 * rounds. Without pre-booted jails, which gVisor does not have; with the pool, a container's cold start is that of `cold`.
 */
import { coldCall, timedCall } from "./cold.ts";
import { deployEcho } from "./functions.ts";
import { startKiln, type RunningKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 15;
const warmCalls = 20;
const levels = ["container", "gvisor"] as const;
type Level = (typeof levels)[number];

export async function isolation(): Promise<void> {
  const kilns: [Level, RunningKiln][] = [];
  const cold: Record<Level, number[]> = { container: [], gvisor: [] };
  const warm: Record<Level, number[]> = { container: [], gvisor: [] };
  try {
    for (const level of levels) {
      const kiln = await startKiln({ KILN_ISOLATION: level, KILN_POOL_SIZE: "0" });
      kilns.push([level, kiln]);
      await deployEcho(kiln.client, "nodejs24.x");
      await coldCall(kiln.client, { ROUND: "first" });
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [level, { client }] of kilns) {
        cold[level].push(await coldCall(client, { ROUND: String(round) }));
        for (let call = 0; call < warmCalls; call += 1) warm[level].push(await timedCall(client));
      }
    }
    const rows = Object.entries({ "cold start": cold, "warm call": warm }).flatMap(([what, figures]): Row[] =>
      levels.map((level) => ({
        what,
        level,
        "median ms": median(figures[level]).toFixed(1),
        spread: spread(figures[level]),
        ratio: (median(figures[level]) / median(figures.container)).toFixed(2),
      })),
    );
    printTable(`Isolation levels: ${rounds} interleaved rounds, no pool, 1,769 MB, nodejs24.x`, rows);
    console.log(`\n${await saveResult("isolation", { cold, warm })}`);
  } finally {
    for (const [, kiln] of kilns) await kiln.stop();
  }
}
