/**
 * Cold starts: from the request to the answer through the HTTP port when no environment of the function version exists,
 * beside `runc run` of the bare runtime (`node -e 0`, `python3 -c 0`) in the same image, and beside a warm call, in
 * interleaved rounds. Every configuration change makes a
 * new version of $LATEST, so that the call after it cannot find a warm environment.
 */
import {
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { runcBundle } from "./bare-jail.ts";
import { benchFunction, deployEcho } from "./functions.ts";
import { startKiln } from "./processes.ts";
import { Figures } from "./harness/finding.ts";
import type { BenchOptions } from "./harness/options.ts";
import { record } from "./harness/results.ts";
import { median } from "./harness/statistics.ts";
import type { Target } from "./targets.ts";

const ROUNDS = 20;
const METRIC = "request to answer";

/** A program that does nothing, by runtime. */
const bare = {
  "nodejs24.x": ["/var/lang/bin/node", "-e", "0"],
  "python3.13": ["/var/lang/bin/python3", "-c", "0"],
} as const;
type ColdRuntime = keyof typeof bare;

/** ms of a call that finds no environment; with other variables than the call before. */
export async function coldCall(client: LambdaClient, variables: Record<string, string>): Promise<number> {
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: benchFunction, Environment: { Variables: variables } }),
  );
  await waitUntilFunctionUpdatedV2(
    { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
    { FunctionName: benchFunction },
  );
  // The pool refills in the background; a user's next cold start is rarely the same instant.
  await new Promise((resolve) => setTimeout(resolve, 500));
  return timedCall(client);
}

/** ms of a call. */
export async function timedCall(client: LambdaClient): Promise<number> {
  const startedAt = performance.now();
  const answer = await client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: "{}" }));
  const elapsed = performance.now() - startedAt;
  if (answer.FunctionError !== undefined) throw new Error(`the call failed: ${answer.Payload?.transformToString()}`);
  return elapsed;
}

/** The scenario `cold-node` or `cold-python`. */
export async function cold(runtime: ColdRuntime, { rounds = ROUNDS }: Pick<BenchOptions, "rounds">): Promise<Target[]> {
  const bundle = await runcBundle(runtime, bare[runtime]);
  const pooled = await startKiln();
  const direct = await startKiln({ KILN_POOL_SIZE: "0" });
  const subjects = {
    runc: `runc run, ${bare[runtime].join(" ").replace("/var/lang/bin/", "")}`,
    direct: "kiln, no pool",
    pooled: "kiln, pre-booted jail",
    warm: "kiln, warm",
  };
  const figures = new Figures();
  const add = (subject: string, value: number): void =>
    figures.add({ case: runtime, subject, metric: METRIC, unit: "ms", better: "less" }, value);
  try {
    await deployEcho(pooled.client, runtime);
    await deployEcho(direct.client, runtime);
    await coldCall(pooled.client, { ROUND: "first" });
    await coldCall(direct.client, { ROUND: "first" });
    await bundle.start();
    for (let round = 0; round < rounds; round += 1) {
      add(subjects.runc, await bundle.start());
      add(subjects.direct, await coldCall(direct.client, { ROUND: String(round) }));
      add(subjects.pooled, await coldCall(pooled.client, { ROUND: String(round) }));
      add(subjects.warm, await timedCall(pooled.client));
    }
  } finally {
    await pooled.stop();
    await direct.stop();
    await bundle.remove();
  }
  const all = figures.all();
  const title = `Cold starts, request to answer: ${rounds} interleaved rounds, 1,769 MB, ${runtime}`;
  const scenario = runtime === "nodejs24.x" ? "cold-node" : "cold-python";
  await record({ scenario, title, headline: METRIC, figures: all, absent: [] });
  const of = (subject: string): number => median(all.find((figure) => figure.subject === subject)?.values ?? []);
  return [
    {
      what: `${runtime}: from the pool, above a warm call`,
      unit: "ms",
      measured: of(subjects.pooled) - of(subjects.warm),
      most: 15,
    },
    {
      what: `${runtime}: without the pool, of runc run of the bare runtime`,
      unit: "×",
      measured: of(subjects.direct) / of(subjects.runc),
      most: 1.5,
    },
  ];
}
