/**
 * 100 calls at once to a function without any environment, beside what this machine needs to start 100 bare jails (`runc
 * run` of `node -e 0` in the same image, as many at a time as gives the shortest time of all). The calls hold their
 * environments until all have begun, so that each needs its own; what counts is when the last of them begins.
 */
import { availableParallelism } from "node:os";
import { InvokeCommand, UpdateFunctionConfigurationCommand, waitUntilFunctionUpdatedV2 } from "@aws-sdk/client-lambda";
import { runcBundle, type Bundle } from "./bare-jail.ts";
import { benchFunction, deploy } from "./functions.ts";
import { startKiln, type RunningKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const calls = 100;
const rounds = 3;
const runtime = "nodejs24.x";

async function bareJails(bundle: Bundle, parallel: number): Promise<number> {
  const startedAt = performance.now();
  let left = calls;
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await bundle.start();
    }),
  );
  return performance.now() - startedAt;
}

async function burst(kiln: RunningKiln, round: number, holdMs: number): Promise<{ begun: number; answered: number }> {
  await kiln.client.send(
    new UpdateFunctionConfigurationCommand({
      FunctionName: benchFunction,
      Environment: { Variables: { ROUND: String(round) } },
    }),
  );
  await waitUntilFunctionUpdatedV2(
    { client: kiln.client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 },
    { FunctionName: benchFunction },
  );
  const startedAt = Date.now();
  const begun = await Promise.all(
    Array.from({ length: calls }, async () => {
      const answer = await kiln.client.send(
        new InvokeCommand({ FunctionName: benchFunction, Payload: JSON.stringify({ holdMs }) }),
      );
      const text = answer.Payload?.transformToString() ?? "";
      if (answer.FunctionError !== undefined) throw new Error(`a call failed: ${text}`);
      return Number(text);
    }),
  );
  return { begun: Math.max(...begun) - startedAt, answered: Date.now() - startedAt };
}

export async function bursts(): Promise<void> {
  const bundle = await runcBundle(runtime);
  const kiln = await startKiln({ KILN_POOL_SIZE: "0" });
  const cores = availableParallelism();
  const widths = [cores, 2 * cores, 4 * cores];
  const bare = new Map(widths.map((width) => [width, [] as number[]]));
  const held: number[] = [];
  const short: number[] = [];
  try {
    await deploy(kiln.client, benchFunction, "hold", 128, runtime);
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: '{"holdMs":0}' }));
    await bundle.start();
    for (let round = 0; round < rounds; round += 1) {
      for (const [width, figures] of bare) figures.push(await bareJails(bundle, width));
      held.push((await burst(kiln, 2 * round, 15_000)).begun);
      short.push((await burst(kiln, 2 * round + 1, 0)).answered);
    }
    const base = Math.min(...[...bare.values()].map(median));
    const row = (what: string, values: readonly number[]): Row => ({
      what,
      "median ms": median(values).toFixed(0),
      spread: spread(values, 0),
      ratio: (median(values) / base).toFixed(2),
    });
    const rows = [
      ...[...bare].map(([width, values]) => row(`${calls} × runc run, node -e 0, ${width} at a time`, values)),
      row(`${calls} cold calls, until the last has begun (each in its own environment)`, held),
      row(`${calls} cold calls of a function that answers at once, until the last answer`, short),
    ];
    printTable(`Bursts on a cold function, 128 MB, ${runtime}, no pre-booted jails: ${rounds} rounds`, rows);
    console.log(`\n${await saveResult("burst", { bare: Object.fromEntries(bare), held, short })}`);
  } finally {
    await kiln.stop();
    await bundle.remove();
  }
}
