/** Provisioned concurrency in real jails: environments that are there before the first call, and after a restart. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteProvisionedConcurrencyConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  type GetProvisionedConcurrencyConfigCommandOutput,
  PublishVersionCommand,
  PutProvisionedConcurrencyConfigCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const source = `import { randomUUID } from "node:crypto";
  const environment = randomUUID();
  const startedAt = Date.now();
  export const handler = async ({ crash, waitMs = 0 }) => {
    if (crash) process.exit(1);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    return { environment, startedAt, type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE };
  };`;

interface Seen {
  environment: string;
  startedAt: number;
  type: string;
}

async function provisioned(
  client: LambdaClient,
  name: string,
  status: string,
): Promise<GetProvisionedConcurrencyConfigCommandOutput> {
  for (let attempt = 0; attempt < 1500; attempt += 1) {
    const config = await client.send(
      new GetProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: "1" }),
    );
    const full = config.AvailableProvisionedConcurrentExecutions === config.RequestedProvisionedConcurrentExecutions;
    if (config.Status === status && (full || status !== "READY")) return config;
    await sleep(20);
  }
  throw new Error(`${name} did not become ${status}`);
}

const put = (client: LambdaClient, name: string, count: number) =>
  client.send(
    new PutProvisionedConcurrencyConfigCommand({
      FunctionName: name,
      Qualifier: "1",
      ProvisionedConcurrentExecutions: count,
    }),
  );

test("environments are initialised before they are called, replaced, and made again after kill -9", async (context) => {
  const kiln = await startTestKiln(context, { KILN_ENVIRONMENT_IDLE_MS: "100" });
  let client = kiln.client();
  const at = { Qualifier: "1" };
  await deploy(client, "ready", source);
  await client.send(new PublishVersionCommand({ FunctionName: "ready" }));
  assert.equal(((await call(client, "ready", {}, at)).payload as Seen).type, "on-demand");

  await put(client, "ready", 2);
  await provisioned(client, "ready", "READY");
  // Long after an environment on demand would have been given up.
  await sleep(1000);
  await provisioned(client, "ready", "READY");
  const before = Date.now();
  const answers = await Promise.all([1, 2].map(() => call(client, "ready", { waitMs: 300 }, at)));
  const seen = answers.map(({ payload }) => payload as Seen);
  assert.deepEqual(
    seen.map(({ type }) => type),
    ["provisioned-concurrency", "provisioned-concurrency"],
  );
  assert.equal(new Set(seen.map(({ environment }) => environment)).size, 2);
  for (const { startedAt } of seen) assert.ok(startedAt < before);
  // As on AWS, the first call's report shows how long the init phase took, though the call did not wait for it.
  for (const { log } of answers) assert.match(log, /\tInit Duration: \d+\.\d\d ms\t/);
  // Both may still be on their way to asking for their next event: then a call gets an environment on demand.
  for (let attempt = 0; ; attempt += 1) {
    const again = await call(client, "ready", {}, at);
    if ((again.payload as Seen).type === "on-demand" && attempt < 200) continue;
    assert.equal((again.payload as Seen).type, "provisioned-concurrency");
    assert.doesNotMatch(again.log, /Init Duration/);
    break;
  }

  assert.equal((await call(client, "ready", { crash: true }, at)).error, "Unhandled");
  await provisioned(client, "ready", "READY");

  await kiln.kill();
  await kiln.start();
  client = kiln.client();
  await provisioned(client, "ready", "READY");
  assert.equal(((await call(client, "ready", {}, at)).payload as Seen).type, "provisioned-concurrency");
  await client.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: "ready", Qualifier: "1" }));
  for (let attempt = 0; ; attempt += 1) {
    if (((await call(client, "ready", {}, at)).payload as Seen).type === "on-demand") break;
    assert.ok(attempt < 200);
    await sleep(20);
  }

  await deploy(client, "broken", "throw new Error('not today'); export const handler = 1;");
  await client.send(new PublishVersionCommand({ FunctionName: "broken" }));
  await put(client, "broken", 1);
  const failed = await provisioned(client, "broken", "FAILED");
  assert.equal(failed.StatusReason, "FUNCTION_ERROR_INIT_FAILURE");
  assert.equal(failed.AvailableProvisionedConcurrentExecutions, 0);
});
