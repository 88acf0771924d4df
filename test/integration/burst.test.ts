/** A burst of calls on a function without any environment, in real jails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

/** Calls at once; a larger burst is asked for in the environment. */
const CALLS = Number(process.env["KILN_BURST_CALLS"] ?? 40);

const source = `import { randomUUID } from "node:crypto";
  const environment = randomUUID();
  let running = 0;
  export const handler = async ({ n }) => {
    running += 1;
    await new Promise((resolve) => setTimeout(resolve, 200));
    running -= 1;
    return { n, environment, alone: running === 0 };
  };`;

interface Answer {
  n: number;
  environment: string;
  alone: boolean;
}

test("every call of a burst is answered, by an environment that it has for itself", async (context) => {
  const kiln = await startTestKiln(context, { KILN_START_WAIT_MS: "60000" });
  const client = kiln.client();
  await deploy(client, "burst", source);
  const numbers = Array.from({ length: CALLS }, (_, n) => n);
  const answers = await Promise.all(
    numbers.map(async (n) => {
      const answer = await client.send(new InvokeCommand({ FunctionName: "burst", Payload: JSON.stringify({ n }) }));
      assert.equal(answer.FunctionError, undefined);
      return JSON.parse(answer.Payload?.transformToString() ?? "") as Answer;
    }),
  );
  assert.deepEqual(
    answers.map(({ n }) => n),
    numbers,
  );
  assert.ok(answers.every(({ alone }) => alone));
  assert.ok(new Set(answers.map(({ environment }) => environment)).size > 1);
});

test("environments that run have no more memory together than the operator allows", async (context) => {
  const kiln = await startTestKiln(context, { KILN_START_WAIT_MS: "60000", KILN_ENVIRONMENT_MEMORY_MB: "300" });
  const client = kiln.client();
  await deploy(client, "burst", source);
  const answers = await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      const answer = await client.send(new InvokeCommand({ FunctionName: "burst", Payload: JSON.stringify({ n }) }));
      return JSON.parse(answer.Payload?.transformToString() ?? "") as Answer;
    }),
  );
  // 128 MB each: two of them fit.
  assert.equal(new Set(answers.map(({ environment }) => environment)).size, 2);
});

test("who cannot be given an environment in time is told so, and when to try again", async (context) => {
  const kiln = await startTestKiln(context, { KILN_START_WAIT_MS: "1", KILN_POOL_SIZE: "0" });
  const client = kiln.client();
  await deploy(client, "burst", source);
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, n) =>
      client.send(new InvokeCommand({ FunctionName: "burst", Payload: JSON.stringify({ n }) })),
    ),
  );
  const refused = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason as object);
  assert.ok(refused.length > 0 && refused.length < 40, `${refused.length} of 40 were refused`);
  for (const error of refused) {
    assert.partialDeepStrictEqual(
      { ...error },
      { Reason: "ConcurrentInvocationLimitExceeded", retryAfterSeconds: "1", Type: "User" },
    );
  }
});
