/**
 * Warm calls: the same handler behind Kiln's real HTTP port (one jail per environment) and in a bare node:http server,
 * in interleaved rounds. The load tool is a process of its own, on the same cores.
 */
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { benchFunction, deployEcho } from "./functions.ts";
import { load, startBaseline, startKiln, type Load } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 5;
const seconds = 2;
const payload = '{"n":1}';
const path = `/2015-03-31/functions/${benchFunction}/invocations`;

export async function warm(): Promise<void> {
  const baseline = await startBaseline();
  // AWS's limit of 10,000 requests per second is near what is measured here.
  const kiln = await startKiln({ KILN_REQUEST_RATE: "0" });
  try {
    await deployEcho(kiln.client);
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: payload }));
    const rows: Row[] = [];
    const result: Record<string, unknown> = {};
    for (const connections of [1, 4]) {
      const measured: { kiln: Load[]; baseline: Load[] } = { kiln: [], baseline: [] };
      await load(kiln.port, path, connections, 1, payload);
      await load(baseline.port, "/", connections, 1, payload);
      for (let round = 0; round < rounds; round += 1) {
        measured.kiln.push(await load(kiln.port, path, connections, seconds, payload));
        measured.baseline.push(await load(baseline.port, "/", connections, seconds, payload));
      }
      result[`connections-${connections}`] = measured;
      for (const who of ["baseline", "kiln"] as const) {
        const runs = measured[who];
        const p50 = runs.map((run) => run.p50);
        rows.push({
          connections,
          server: who === "kiln" ? "kiln (jails)" : "node:http (no isolation)",
          "p50 µs": median(p50).toFixed(0),
          "p50 spread": spread(p50, 0),
          "p99 µs": median(runs.map((run) => run.p99)).toFixed(0),
          "calls/s": median(runs.map((run) => run.perSecond)).toFixed(0),
          "p50 ratio": (median(p50) / median(measured.baseline.map((run) => run.p50))).toFixed(2),
        });
      }
    }
    printTable(`Warm calls: ${rounds} interleaved rounds of ${seconds} s, 1,769 MB, nodejs24.x`, rows);
    console.log(`\n${await saveResult("warm", result)}`);
  } finally {
    await kiln.stop();
    await baseline.stop();
  }
}
