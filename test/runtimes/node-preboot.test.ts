import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { startNodeRuntime } from "./node-runtime.ts";

test("a pre-booted runtime gets its function and exactly its environment", async (t) => {
  const runtime = await startNodeRuntime(t, { files: {}, preboot: true });
  // Code appears after the process has started.
  await writeFile(
    join(runtime.root, "index.js"),
    "exports.handler = async () => ({ env: process.env, cwd: process.cwd(), zone: new Date(0).getHours() });",
  );
  runtime.assign({ MINE: "ü=1", TZ: "Asia/Tokyo", AWS_LAMBDA_LOG_FORMAT: "JSON" });
  const { env, cwd, zone } = (await runtime.invoke({})).value as {
    env: Record<string, string>;
    cwd: string;
    zone: number;
  };
  assert.equal(env["MINE"], "ü=1");
  assert.equal(env["_HANDLER"], "index.handler");
  assert.deepEqual(
    ["LEFTOVER", "KILN_PREBOOT"].map((name) => env[name]),
    [undefined, undefined],
  );
  assert.equal(cwd, runtime.root);
  assert.equal(zone, 9);
  assert.equal(runtime.connections(), 1);
});

test("a pre-booted runtime finds modules where NODE_PATH says", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: { "index.js": "exports.handler = async () => require('layered');" },
    preboot: true,
  });
  const layer = join(runtime.root, "layer");
  await mkdir(join(layer, "layered"), { recursive: true });
  await writeFile(join(layer, "layered/index.js"), "module.exports = 'from the layer';");
  runtime.assign({ NODE_PATH: layer });
  assert.equal((await runtime.invoke({})).value, "from the layer");
});

test("a pre-booted runtime reports a function that cannot be loaded", async (t) => {
  const runtime = await startNodeRuntime(t, { files: {}, preboot: true });
  runtime.assign();
  assert.equal((await runtime.initError()).errorType, "Runtime.ImportModuleError");
});
