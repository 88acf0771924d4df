/**
 * What Kiln takes while nothing happens: time from the start of the command until its health page answers, memory with no
 * function and with its pools full some seconds later, and processor time of an idle minute (extrapolated from some more).
 */
import { setTimeout as sleep } from "node:timers/promises";
import { processMicros, residentMB, ownMB } from "./harness/cpu.ts";
import { Figures } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { startKiln } from "./processes.ts";

/** The one collection after a start is over then, and what it has woken. */
const SETTLE_MS = 12_000;
const IDLE_MS = 6000;

export async function footprint({ rounds = 5, other }: BenchOptions): Promise<void> {
  const figures = new Figures();
  const trees = [{ subject: "kiln" }, ...(other === undefined ? [] : [{ subject: "kiln, other", tree: other }])];
  // The first start of a checkout fills caches, and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const { subject, ...options } of trees) {
      const add = (metric: string, unit: string, value: number): void => {
        if (round > 0) figures.add({ case: "idle", subject, metric, unit, better: "less" }, value);
      };
      const kiln = await startKiln({}, options);
      try {
        const answer = await fetch(`http://127.0.0.1:${kiln.port}/_kiln/health`);
        if (!answer.ok) throw new Error(`the health page answers ${answer.status}`);
        add("start", "ms", kiln.startMs);
        add("CPU of start", "ms", processMicros(kiln.pid) / 1000);
        // What a start has left to do is not what an idle minute takes.
        await sleep(SETTLE_MS);
        const before = processMicros(kiln.pid);
        await sleep(IDLE_MS);
        add("CPU", "ms/min", ((processMicros(kiln.pid) - before) / 1000) * (60_000 / IDLE_MS));
        add("RSS", "MB", residentMB(kiln.pid));
        add("PSS", "MB", ownMB(kiln.pid));
      } finally {
        await kiln.stop();
      }
    }
  }
  const title = `Idle: ${rounds} interleaved starts; start is from the command to its first answer`;
  await record({ scenario: "footprint", title, headline: "start", figures: figures.all(), absent: [] });
}
