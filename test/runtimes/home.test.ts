/** AWS's environments have no HOME, whatever started the runtime; a function's configuration may name one. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Runtime } from "@aws-sdk/client-lambda";
import { buildRuntimes } from "../../src/artifacts/runtimes/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const skip = process.getuid?.() === 0 ? false : "building images needs root";

const functions: readonly { Runtime: Runtime; file: string; Handler: string; source: string }[] = [
  {
    Runtime: "nodejs24.x",
    file: "index.mjs",
    Handler: "index.handler",
    source: "export const handler = async () => [process.env.HOME ?? null, process.env.KILN_PREBOOT ?? null];",
  },
  {
    Runtime: "python3.13",
    file: "app.py",
    Handler: "app.handler",
    source:
      "import os\ndef handler(event, context):\n  return [os.environ.get('HOME'), os.environ.get('KILN_PREBOOT')]\n",
  },
  {
    Runtime: "ruby3.3",
    file: "app.rb",
    Handler: "app.handler",
    source: "def handler(event:, context:) = [ENV['HOME'], ENV['KILN_PREBOOT']]\n",
  },
];

before(async () => {
  const ids = functions.map(({ Runtime: id }) => id);
  if (skip === false) await buildRuntimes({ dir: loadConfig({}, process.env).runtimesDir, ids });
});

for (const pool of ["0", "1"]) {
  void test(`HOME, with a pool of ${pool}`, { skip }, async (context) => {
    const kiln = await startTestKiln(context, { KILN_POOL_SIZE: pool });
    const client = kiln.client();
    for (const { Runtime, file, Handler, source } of functions) {
      const prefix = Runtime.replaceAll(".", "-");
      for (const [name, variables, home] of [
        ["none", {}, null],
        // By then the runtime is in use, and a pool has had its reason to keep one.
        ["other", { OTHER: "1" }, null],
        ["own", { HOME: "/tmp" }, "/tmp"],
      ] as const) {
        const files = { [file]: source };
        await deploy(client, `${prefix}-${name}`, files, { Runtime, Handler, Environment: { Variables: variables } });
        const { payload, error, log } = await call(client, `${prefix}-${name}`);
        assert.equal(error, undefined, log);
        assert.deepEqual(payload, [home, null], `${Runtime}, ${name}`);
      }
    }
  });
}
