/** Every Node.js that Kiln has, in a real jail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const source = `
const { S3Client } = require("@aws-sdk/client-s3");
exports.handler = async (event, context) => ({
  node: process.version,
  runtime: process.env.AWS_EXECUTION_ENV,
  handler: process.env._HANDLER,
  event,
  remaining: context.getRemainingTimeInMillis() > 0,
  client: typeof S3Client,
});`;

test("Node.js", { skip: process.getuid?.() === 0 ? false : "jails need root", timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  for (const version of [18, 20, 22, 24, 26] as const) {
    await context.test(`nodejs${version}.x loads, answers and fails`, async () => {
      const name = `node-${version}`;
      await deploy(
        client,
        name,
        { "index.js": source },
        { Runtime: `nodejs${version}.x`, MemorySize: 256, Timeout: 10 },
      );
      const answer = (await call(client, name, { a: 1 })).payload as Record<string, unknown>;
      assert.match(String(answer["node"]), new RegExp(`^v${version}\\.`));
      assert.deepEqual(
        { ...answer, node: undefined },
        {
          node: undefined,
          runtime: `AWS_Lambda_nodejs${version}.x`,
          handler: "index.handler",
          event: { a: 1 },
          remaining: true,
          client: "function",
        },
      );
      const broken = { "index.js": `require("./nowhere"); exports.handler = async () => 1;` };
      await deploy(client, `${name}-broken`, broken, { Runtime: `nodejs${version}.x` });
      const failed = (await call(client, `${name}-broken`)).payload as { errorType: string };
      assert.equal(failed.errorType, "Runtime.ImportModuleError");
    });
  }
});
