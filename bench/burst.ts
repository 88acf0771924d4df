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
import { Figures } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { median } from "./harness/statistics.ts";
import type { Target } from "./targets.ts";

const calls = 100;
const ROUNDS = 4;
const METRIC = "all of them";
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

const bareAt = (width: number): string => `runc run, node -e 0, ${width} at a time`;

/** ms that the calls hold their environments: longer than it takes to start them all, also on a machine at work. */
const HOLD_MS = 15_000;

export async function bursts({ rounds = ROUNDS }: Pick<BenchOptions, "rounds">): Promise<Target[]> {
  const bundle = await runcBundle(runtime);
  const kiln = await startKiln({ KILN_POOL_SIZE: "0" });
  const cores = availableParallelism();
  const name = `${calls} at once, 128 MB, ${runtime}`;
  const figures = new Figures();
  const add = (subject: string, value: number): void =>
    figures.add({ case: name, subject, metric: METRIC, unit: "ms", better: "less" }, value);
  const widths = [2 * cores, cores, 4 * cores];
  const begun = "kiln, until the last call has begun, each in its own environment";
  try {
    await deploy(kiln.client, benchFunction, "hold", 128, runtime);
    await kiln.client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: '{"holdMs":0}' }));
    await bundle.start();
    for (let round = 0; round < rounds; round += 1) {
      for (const width of widths) add(bareAt(width), await bareJails(bundle, width));
      add(begun, (await burst(kiln, 2 * round, HOLD_MS)).begun);
      const short = await burst(kiln, 2 * round + 1, 0);
      add("kiln, a function that answers at once, until the last answer", short.answered);
    }
  } finally {
    await kiln.stop();
    await bundle.remove();
  }
  const all = figures.all();
  const title = `Bursts on a cold function, no pre-booted jails: ${rounds} rounds`;
  await record({ scenario: "burst", title, headline: METRIC, figures: all, absent: [] });
  const of = (subject: string): number => median(all.find((figure) => figure.subject === subject)?.values ?? []);
  const base = Math.min(...widths.map((width) => of(bareAt(width))));
  const what = `${calls} cold calls at once, of ${calls} bare jails with node -e 0`;
  return [{ what, unit: "×", measured: of(begun) / base, most: 1.5 }];
}
