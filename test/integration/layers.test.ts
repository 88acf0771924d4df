/** Layers in real jails: what a function finds in /opt, and that a deleted layer goes on working. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetLayerVersionCommand,
  type LambdaClient,
  PublishLayerVersionCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { call, deploy, role, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

/** Tells what the layers have given it; `greeting` comes from a module that a layer has. */
const handler = `
const { execFileSync } = require("node:child_process");
const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const read = (path) => { try { return readFileSync(path, "utf8"); } catch (error) { return error.code; } };
const attempt = (work) => { try { return work(); } catch (error) { return error.code; } };
exports.handler = async () => ({
  greeting: attempt(() => require("greeting")()),
  both: read("/opt/both"),
  one: read("/opt/one"),
  two: read("/opt/two"),
  tool: attempt(() => execFileSync("tool", { encoding: "utf8" })),
  libraries: (process.env.LD_LIBRARY_PATH ?? "").split(":").includes("/opt/lib"),
  link: read("/opt/lib/link"),
  written: attempt(() => writeFileSync("/opt/new", "x")),
  top: readdirSync("/opt").sort(),
});`;

async function publish(client: LambdaClient, name: string, files: Parameters<typeof zipOf>[0]): Promise<string> {
  const published = await client.send(
    new PublishLayerVersionCommand({ LayerName: name, Content: { ZipFile: await zipOf(files) } }),
  );
  return published.LayerVersionArn ?? "";
}

const module = (label: string) => `module.exports = () => "hello from ${label}";`;

const found = (last: "one" | "two") => ({
  greeting: `hello from ${last}`,
  both: last,
  one: "one",
  two: "two",
  tool: "the tool",
  libraries: true,
  link: "of a library",
  written: "EROFS",
  top: ["bin", "both", "lib", "nodejs", "one", "two"],
});

test("layers are merged into /opt in their order, for as long as a function needs them", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const one = await publish(client, "one", {
    "nodejs/node_modules/greeting/index.js": module("one"),
    "lib/file": "of a library",
    both: "one",
    one: "one",
  });
  const two = await publish(client, "two", {
    "nodejs/node_modules/greeting/index.js": module("two"),
    "bin/tool": { content: "#!/bin/sh\necho -n the tool", mode: 0o100755 },
    "lib/link": { content: "file", mode: 0o120777 },
    both: "two",
    two: "two",
  });
  await deploy(client, "layered", { "index.js": handler }, { Layers: [one, two] });
  assert.deepEqual((await call(client, "layered")).payload, found("two"));
  const published = await client.send(new PublishVersionCommand({ FunctionName: "layered" }));
  assert.equal(published.Layers?.length, 2);

  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "layered", Layers: [two, one] }));
  await updated(client, "layered");
  assert.deepEqual((await call(client, "layered")).payload, found("one"));
  assert.deepEqual((await call(client, "layered", {}, { Qualifier: "1" })).payload, found("two"));

  for (const LayerName of ["one", "two"]) {
    await client.send(new DeleteLayerVersionCommand({ LayerName, VersionNumber: 1 }));
  }
  await assert.rejects(client.send(new GetLayerVersionCommand({ LayerName: "one", VersionNumber: 1 })), {
    name: "ResourceNotFoundException",
  });
  // A start collects what nobody needs; the images of functions that are there are not among it.
  await kiln.kill();
  await kiln.start();
  const again = kiln.client();
  assert.deepEqual((await call(again, "layered")).payload, found("one"));
  assert.deepEqual((await call(again, "layered", {}, { Qualifier: "1" })).payload, found("two"));

  await again.send(new UpdateFunctionConfigurationCommand({ FunctionName: "layered", Layers: [] }));
  await updated(again, "layered");
  const bare = (await call(again, "layered")).payload as Record<string, unknown>;
  assert.deepEqual([bare["both"], bare["greeting"], bare["top"]], ["ENOENT", "MODULE_NOT_FOUND", []]);
});

test("a function with layers is finished after a kill in the middle of its creation", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const large = Object.fromEntries(
    Array.from({ length: 3000 }, (_, index) => [`data/${index}`, `${index}`.repeat(500)]),
  );
  const one = await publish(client, "one", { ...large, both: "one" });
  const two = await publish(client, "two", { both: "two" });
  const source = `import { readFileSync } from "node:fs";
    export const handler = async () => readFileSync("/opt/both", "utf8") + readFileSync("/opt/data/7").length;`;
  await client.send(
    new CreateFunctionCommand({
      FunctionName: "layered",
      Runtime: "nodejs24.x",
      Handler: "index.handler",
      Role: role,
      Code: { ZipFile: await zipOf({ "index.mjs": source }) },
      Layers: [one, two],
    }),
  );
  await kiln.kill();
  await kiln.start();
  const again = kiln.client();
  await updated(again, "layered");
  assert.equal((await call(again, "layered")).payload, "two500");
});
