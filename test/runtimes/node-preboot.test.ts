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
    files: {
      "index.js": `exports.handler = async () => [
        require('layered'), (await import('layered')).default, (await import('layered/deep')).default,
        (await import('plain')).default, await import('missing').catch((error) => error.message),
      ];`,
    },
    preboot: true,
  });
  const layer = join(runtime.root, "layer/node_modules");
  await mkdir(join(layer, "layered"), { recursive: true });
  await writeFile(join(layer, "layered/index.js"), "module.exports = 'from the layer';");
  const exports = { ".": { import: "./index.mjs", default: "./index.js" }, "./deep": "./deep.mjs" };
  await writeFile(join(layer, "layered/package.json"), JSON.stringify({ exports }));
  await writeFile(join(layer, "layered/index.mjs"), "export default 'from its ES module';");
  await writeFile(join(layer, "layered/deep.mjs"), "export default 'from its depths';");
  const other = join(runtime.root, "other");
  await mkdir(other);
  await writeFile(join(other, "plain.js"), "module.exports = 'a file';");
  runtime.assign({ NODE_PATH: `/nowhere/node_modules:${layer}:${other}` });
  assert.deepEqual((await runtime.invoke({})).value, [
    "from the layer",
    "from its ES module",
    "from its depths",
    "a file",
    `Cannot find package 'missing' imported from ${runtime.root}/index.js`,
  ]);
});

test("a pre-booted runtime reports a function that cannot be loaded", async (t) => {
  const runtime = await startNodeRuntime(t, { files: {}, preboot: true });
  runtime.assign();
  assert.equal((await runtime.initError()).errorType, "Runtime.ImportModuleError");
});
