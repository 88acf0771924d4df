/** Versions are immutable, isolated from one another, and each has environments of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const counter = (label: string): string => `import { readFileSync, writeFileSync, existsSync } from "node:fs";
  const seen = existsSync("/tmp/mark") ? readFileSync("/tmp/mark", "utf8") : "nothing";
  let calls = 0;
  export const handler = async () => { calls += 1; writeFileSync("/tmp/mark", "${label}"); return { label: "${label}", calls, seen, stage: process.env.STAGE ?? null }; };`;

test("published versions keep their code and configuration, in environments of their own", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  await deploy(client, "versioned", counter("first"), { Environment: { Variables: { STAGE: "a" } } });
  assert.deepEqual((await call(client, "versioned")).payload, {
    label: "first",
    calls: 1,
    seen: "nothing",
    stage: "a",
  });
  assert.deepEqual((await call(client, "versioned")).payload, {
    label: "first",
    calls: 2,
    seen: "nothing",
    stage: "a",
  });

  const one = await client.send(new PublishVersionCommand({ FunctionName: "versioned" }));
  assert.equal(one.Version, "1");
  const atOne = await call(client, "versioned", {}, { Qualifier: "1" });
  assert.equal(atOne.version, "1");
  assert.deepEqual(
    atOne.payload,
    { label: "first", calls: 1, seen: "nothing", stage: "a" },
    "version 1 does not run in $LATEST's environment",
  );

  await client.send(
    new UpdateFunctionCodeCommand({
      FunctionName: "versioned",
      ZipFile: await zipOf({ "index.mjs": counter("second") }),
    }),
  );
  await updated(client, "versioned");
  assert.deepEqual((await call(client, "versioned")).payload, {
    label: "second",
    calls: 1,
    seen: "nothing",
    stage: "a",
  });
  await client.send(
    new UpdateFunctionConfigurationCommand({ FunctionName: "versioned", Environment: { Variables: { STAGE: "b" } } }),
  );
  await updated(client, "versioned");
  assert.deepEqual((await call(client, "versioned")).payload, {
    label: "second",
    calls: 1,
    seen: "nothing",
    stage: "b",
  });
  assert.deepEqual((await call(client, "versioned:1")).payload, {
    label: "first",
    calls: 2,
    seen: "nothing",
    stage: "a",
  });

  const listed = await client.send(new ListVersionsByFunctionCommand({ FunctionName: "versioned" }));
  assert.deepEqual(
    listed.Versions?.map((version) => version.Version),
    ["$LATEST", "1"],
  );
  const downloaded = await client.send(new GetFunctionCommand({ FunctionName: "versioned", Qualifier: "1" }));
  const zip = Buffer.from(await (await fetch(downloaded.Code?.Location ?? "")).arrayBuffer());
  assert.deepEqual(zip, await zipOf({ "index.mjs": counter("first") }));

  await client.send(new DeleteFunctionCommand({ FunctionName: "versioned" }));
  await assert.rejects(call(client, "versioned"), { name: "ResourceNotFoundException" });
});
