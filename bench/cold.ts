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
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const rounds = 20;

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

export async function cold(runtime: ColdRuntime): Promise<void> {
  const bundle = await runcBundle(runtime, bare[runtime]);
  const pooled = await startKiln();
  const direct = await startKiln({ KILN_POOL_SIZE: "0" });
  const runc: number[] = [];
  const fromPool: number[] = [];
  const noPool: number[] = [];
  const warm: number[] = [];
  try {
    await deployEcho(pooled.client, runtime);
    await deployEcho(direct.client, runtime);
    await coldCall(pooled.client, { ROUND: "first" });
    await bundle.start();
    for (let round = 0; round < rounds; round += 1) {
      runc.push(await bundle.start());
      fromPool.push(await coldCall(pooled.client, { ROUND: String(round) }));
      warm.push(await timedCall(pooled.client));
      noPool.push(await coldCall(direct.client, { ROUND: String(round) }));
    }
    const figures = {
      [`runc run, ${bare[runtime].join(" ").replace("/var/lang/bin/", "")}`]: runc,
      "kiln, pre-booted jail": fromPool,
      "kiln, no pool": noPool,
      "kiln, warm": warm,
    };
    const base = median(runc);
    const rows: Row[] = Object.entries(figures).map(([what, values]) => ({
      what,
      "median ms": median(values).toFixed(1),
      spread: spread(values),
      ratio: (median(values) / base).toFixed(2),
      "above warm ms": (median(values) - median(warm)).toFixed(1),
    }));
    printTable(`Cold starts, request to answer: ${rounds} interleaved rounds, 1,769 MB, ${runtime}`, rows);
    console.log(`\n${await saveResult(`cold-${runtime}`, figures)}`);
  } finally {
    await pooled.stop();
    await direct.stop();
    await bundle.remove();
  }
}
