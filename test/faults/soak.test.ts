/**
 * Thousands of calls of twenty functions that answer, throw, exit, hang and are killed, while their configuration changes:
 * every call has exactly one answer, its own, and what the host lends is given back.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import {
  DeleteFunctionCommand,
  ResourceConflictException,
  ServiceException,
  UpdateFunctionConfigurationCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { instanceName } from "../../src/config/index.ts";
import { createChance, type Chance } from "../../src/worker/testing/chance.ts";
import { processesOf, tracesOf } from "../isolation/traces.ts";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln, type TestKiln } from "../support/kiln.ts";

/** Of the suite; longer runs are asked for in the environment. */
const CALLS = Number(process.env["KILN_SOAK_CALLS"] ?? 1000);
const FUNCTIONS = 20;
const AT_ONCE = 8;

/** What an event asks for, and the error types that may come of it. One that is killed may end any call. */
const behaviours: Readonly<Record<string, readonly string[]>> = {
  answer: [],
  log: [],
  throw: ["Refused"],
  exit: ["Runtime.ExitError"],
  abort: ["Runtime.ExitError"],
  hang: ["Sandbox.Timedout"],
};
const killed = ["Runtime.ExitError"];

const source = `
import { writeFileSync } from "node:fs";
class Refused extends Error { name = "Refused" }
export const handler = async ({ id, ask }) => {
  switch (ask) {
    case "throw": throw new Refused(String(id));
    case "exit": process.exit(3);
    case "abort": process.kill(process.pid, "SIGKILL"); await new Promise((done) => setTimeout(done, 60_000)); break;
    case "hang": await new Promise((done) => setTimeout(done, 60_000)); break;
    case "log": for (let line = 0; line < 20; line += 1) console.log(id, "x".repeat(200)); break;
  }
  writeFileSync("/tmp/last", String(id));
  setTimeout(() => undefined, 5);
  return { id };
};
`;

function askFor(chance: Chance): string {
  const draw = chance.below(100);
  if (draw < 3) return "exit";
  if (draw < 5) return "abort";
  if (draw < 6) return "hang";
  if (draw < 14) return "throw";
  return draw < 20 ? "log" : "answer";
}

async function oneCall(client: LambdaClient, chance: Chance, id: number): Promise<string> {
  const ask = askFor(chance);
  const name = `f${chance.below(FUNCTIONS)}`;
  let answer: Awaited<ReturnType<typeof call>>;
  try {
    answer = await call(client, name, { id, ask });
  } catch (error) {
    // A jail that was killed while it was made is made once more; killed again, it is a fault.
    if (error instanceof ServiceException) return error.name;
    throw error;
  }
  assert.equal(answer.status, 200);
  assert.equal(answer.log.match(/^REPORT /gm)?.length, 1, answer.log);
  if (answer.error === undefined) {
    assert.deepEqual(answer.payload, { id });
    return ask;
  }
  const { errorType, errorMessage } = answer.payload as { errorType: string; errorMessage: string };
  const expected = [...(behaviours[ask] ?? []), ...killed];
  assert.ok(expected.includes(errorType), `${ask} ended with ${JSON.stringify(answer.payload)}`);
  if (errorType === "Refused") assert.equal(errorMessage, String(id));
  return errorType;
}

/** Kills a process of a jail now and then, as the kernel might. */
async function killNowAndThen(instance: string, chance: Chance, stopped: () => boolean): Promise<number> {
  let count = 0;
  while (!stopped()) {
    await sleep(200 + chance.below(800));
    const all = processesOf(instance);
    const pid = all[chance.below(Math.max(1, all.length))];
    if (pid === undefined) continue;
    try {
      process.kill(pid, "SIGKILL");
      count += 1;
    } catch {
      // It has ended by itself.
    }
  }
  return count;
}

async function changeNowAndThen(client: LambdaClient, chance: Chance, stopped: () => boolean): Promise<number> {
  let count = 0;
  while (!stopped()) {
    await sleep(200 + chance.below(600));
    const FunctionName = `f${chance.below(FUNCTIONS)}`;
    try {
      const Environment = { Variables: { CHANGE: String(count) } };
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
      count += 1;
    } catch (error) {
      // The change before is still being made.
      if (!(error instanceof ResourceConflictException)) throw error;
    }
  }
  return count;
}

interface Holdings {
  traces: string[];
  descriptors: number;
  rssMB: number;
}

/** What this Kiln holds of the host when no function is left. */
async function holdings(kiln: TestKiln): Promise<Holdings> {
  const client = kiln.client();
  for (let each = 0; each < FUNCTIONS; each += 1) {
    await client.send(new DeleteFunctionCommand({ FunctionName: `f${each}` }));
  }
  const instance = instanceName(kiln.state);
  for (let each = 0; each < 200 && processesOf(instance).length > 0; each += 1) await sleep(100);
  client.destroy();
  // Clean-up of code follows deletions after seconds.
  await sleep(6000);
  const { pid } = kiln.endpoint();
  const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return {
    traces: tracesOf(instance).map((trace) => trace.replaceAll(/[0-9a-f]{32}/g, "ID")),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    rssMB: Number(rss) / 1024,
  };
}

async function deployAll(client: LambdaClient): Promise<void> {
  // The call after one that failed has the init phase on its own time, which a busy machine stretches.
  for (let each = 0; each < FUNCTIONS; each += 1) await deploy(client, `f${each}`, source, { Timeout: 8 });
}

test("soak", { timeout: 1_800_000 }, async (context) => {
  const chance = createChance();
  context.diagnostic(`seed ${chance.seed}`);
  // Without pre-booted jails, so that what is held at the end can be compared with what was held before.
  const kiln = await startTestKiln(context, { KILN_POOL_SIZE: "0", KILN_POOL_MAX: "0" });
  const client = kiln.client();
  await deployAll(client);
  for (let each = 0; each < FUNCTIONS; each += 1) await call(client, `f${each}`, { id: each, ask: "answer" });
  const before = await holdings(kiln);

  await deployAll(client);
  let stopped = false;
  const helpers = Promise.all([
    killNowAndThen(instanceName(kiln.state), chance, () => stopped),
    changeNowAndThen(client, chance, () => stopped),
  ]);
  const outcomes: Record<string, number> = {};
  let last = 0;
  try {
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (last < CALLS) {
          const outcome = await oneCall(client, chance, (last += 1));
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        }
      }),
    );
  } catch (error) {
    context.diagnostic(kiln.output());
    throw error;
  } finally {
    stopped = true;
  }
  const [kills, changes] = await helpers;
  for (let each = 0; each < FUNCTIONS; each += 1) await updated(client, `f${each}`);
  context.diagnostic(`${JSON.stringify(outcomes)}, ${kills} kills, ${changes} changes`);
  assert.equal(
    Object.values(outcomes).reduce((sum, count) => sum + count, 0),
    last,
  );

  assert.ok((outcomes["ServiceException"] ?? 0) <= kills / 10, `${outcomes["ServiceException"]} faults`);

  // Its connections are this Kiln's descriptors.
  client.destroy();
  const after = await holdings(kiln);
  context.diagnostic(`before ${JSON.stringify(before)}, after ${JSON.stringify(after)}`);
  assert.deepEqual(after.traces, before.traces);
  assert.ok(after.descriptors <= before.descriptors + 4, `${before.descriptors} → ${after.descriptors} descriptors`);
  assert.ok(after.rssMB < before.rssMB + 150, `${before.rssMB} → ${after.rssMB} MB`);
});
