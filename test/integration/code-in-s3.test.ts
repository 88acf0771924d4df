/** The real program with a store of objects: code from it runs, and what was made of it survives `kill -9`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateEventSourceMappingCommand, GetEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import { startObjectServer } from "../lambda/object-server.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

test("code from an object store runs, also after the store and Kiln are gone", async (context) => {
  const store = await startObjectServer(context);
  store.objects.set("code/f.zip", await zipOf({ "index.mjs": "export const handler = async () => 'from the store';" }));
  const kiln = await startTestKiln(context, {
    KILN_S3_ENDPOINT: store.url,
    KILN_S3_ACCESS_KEY_ID: "key",
    KILN_S3_SECRET_ACCESS_KEY: "secret",
  });
  await deploy(kiln.client(), "f", "", { Code: { S3Bucket: "code", S3Key: "f.zip" } });
  assert.deepEqual(store.requests, [{ line: "GET code/f.zip", signed: true }]);
  assert.equal((await call(kiln.client(), "f")).payload, "from the store");
  const { UUID, EventSourceArn } = await kiln.client().send(
    new CreateEventSourceMappingCommand({
      FunctionName: "f",
      EventSourceArn: "arn:aws:kinesis:us-east-1:000000000000:stream/s",
      StartingPosition: "LATEST",
    }),
  );

  await kiln.kill();
  store.objects.clear();
  await kiln.start();
  assert.equal((await call(kiln.client(), "f")).payload, "from the store");
  const kept = await kiln.client().send(new GetEventSourceMappingCommand({ UUID }));
  assert.deepEqual([kept.EventSourceArn, kept.State], [EventSourceArn, "Disabled"]);
});
