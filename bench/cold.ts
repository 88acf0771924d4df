/**
 * Cold starts: from the request to the answer through the HTTP port when no environment of the function version exists,
 * beside `runc run` of `node -e 0` in the same runtime image, in interleaved rounds. Every configuration change makes a
 * new version of $LATEST, so that the call after it cannot find a warm environment.
 */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { createRuntimes } from "../src/artifacts/runtimes/runtimes.ts";
import { loadConfig } from "../src/config/index.ts";
import { benchFunction, deployEcho } from "./functions.ts";
import { startKiln } from "./processes.ts";
import { median, printTable, saveResult, spread, type Row } from "./report.ts";

const run = promisify(execFile);
const rounds = 20;
const runtime = "nodejs24.x";

interface Bundle {
  start(): Promise<number>;
  remove(): Promise<void>;
}

/** An OCI bundle on the runtime's image with runc's own default configuration. */
async function runcBundle(): Promise<Bundle> {
  const image = createRuntimes({ dir: loadConfig().runtimesDir }).image(runtime);
  if (image === undefined) throw new Error(`the image of ${runtime} is not built; run npm run setup`);
  const folder = await mkdtemp(join(tmpdir(), "kiln-bench-runc-"));
  await mkdir(join(folder, "rootfs"));
  await run("mount", ["-t", "erofs", "-o", "loop,ro", image.image, join(folder, "rootfs")]);
  await run("runc", ["spec", "--bundle", folder]);
  const file = join(folder, "config.json");
  const spec = JSON.parse(await readFile(file, "utf8")) as { process: { terminal: boolean; args: string[] } };
  spec.process.terminal = false;
  spec.process.args = ["/var/lang/bin/node", "-e", "0"];
  await writeFile(file, JSON.stringify(spec));
  return {
    start: async () => {
      const startedAt = performance.now();
      await run("runc", ["run", "--bundle", folder, `kiln-bench-${process.pid}`]);
      return performance.now() - startedAt;
    },
    remove: async () => {
      await run("umount", [join(folder, "rootfs")]);
      await rm(folder, { recursive: true });
    },
  };
}

async function coldCall(client: LambdaClient, variables: Record<string, string>): Promise<number> {
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: benchFunction, Environment: { Variables: variables } }),
  );
  await waitUntilFunctionUpdatedV2(
    { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
    { FunctionName: benchFunction },
  );
  // The pool refills in the background; a user's next cold start is rarely the same instant.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const startedAt = performance.now();
  const answer = await client.send(new InvokeCommand({ FunctionName: benchFunction, Payload: "{}" }));
  const elapsed = performance.now() - startedAt;
  if (answer.FunctionError !== undefined) throw new Error(`the call failed: ${answer.Payload?.transformToString()}`);
  return elapsed;
}

export async function cold(): Promise<void> {
  const bundle = await runcBundle();
  const pooled = await startKiln();
  const direct = await startKiln({ KILN_POOL_SIZE: "0" });
  const figures = {
    "runc run, node -e 0": [] as number[],
    "kiln, pre-booted jail": [] as number[],
    "kiln, no pool": [] as number[],
  };
  try {
    await deployEcho(pooled.client, runtime);
    await deployEcho(direct.client, runtime);
    await coldCall(pooled.client, { ROUND: "first" });
    await bundle.start();
    for (let round = 0; round < rounds; round += 1) {
      figures["runc run, node -e 0"].push(await bundle.start());
      figures["kiln, pre-booted jail"].push(await coldCall(pooled.client, { ROUND: String(round) }));
      figures["kiln, no pool"].push(await coldCall(direct.client, { ROUND: String(round) }));
    }
    const base = median(figures["runc run, node -e 0"]);
    const rows: Row[] = Object.entries(figures).map(([what, values]) => ({
      what,
      "median ms": median(values).toFixed(1),
      spread: spread(values),
      ratio: (median(values) / base).toFixed(2),
    }));
    printTable(`Cold starts, request to answer: ${rounds} interleaved rounds, 1,769 MB, ${runtime}`, rows);
    console.log(`\n${await saveResult("cold", figures)}`);
  } finally {
    await pooled.stop();
    await direct.stop();
    await bundle.remove();
  }
}
