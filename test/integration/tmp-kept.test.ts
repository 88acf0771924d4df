/** A reset keeps /tmp, as on AWS, however the environment has failed and at every level of isolation. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { levels } from "../isolation/levels.ts";
import { call, deploy } from "../support/functions.ts";
import { jailsOf, startTestKiln } from "../support/kiln.ts";

const source = `
  import fs from "node:fs";
  const all = [];
  export const handler = async ({ fail }) => {
    const seen = { stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME, kept: fs.existsSync("/tmp/a") && fs.readFileSync("/tmp/a", "utf8") };
    if (fail) fs.writeFileSync("/tmp/a", seen.stream);
    if (fail === "exits") process.exit(3);
    if (fail === "is killed") process.kill(process.pid, "SIGKILL");
    if (fail === "runs out of memory") for (;;) all.push(Buffer.alloc(1 << 20, 1));
    if (fail === "times out") await new Promise(() => setInterval(() => {}, 1000));
    return seen;
  };`;

for (const { level, skip } of levels) {
  void test(level, { skip }, async (context) => {
    // No jails of the pool: whatever runs is an environment's.
    const kiln = await startTestKiln(context, { KILN_ISOLATION: level, KILN_POOL_SIZE: "0", KILN_DRAIN_MS: "500" });
    const client = kiln.client();
    for (const fail of ["exits", "is killed", "runs out of memory", "times out"]) {
      await context.test(`a runtime that ${fail}`, async () => {
        const name = fail.replaceAll(" ", "-");
        await deploy(client, name, source, { MemorySize: 192, Timeout: fail === "times out" ? 1 : 20 });
        const { payload: first } = await call(client, name);
        const { stream } = first as { stream: string };
        assert.equal((await call(client, name, { fail })).error, "Unhandled");
        // A call that comes before the reset is over gets an environment of its own.
        while (jailsOf(kiln.state).length > 0) await sleep(20);
        assert.deepEqual((await call(client, name)).payload, { stream, kept: stream });
        await client.send(new DeleteFunctionCommand({ FunctionName: name }));
        while (jailsOf(kiln.state).length > 0) await sleep(20);
      });
    }
    await kiln.stop();
  });
}
