/** SQS with boto3 as it is now, in JSON. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sdkClients } from "../../tools/sdk-clients.ts";
import { root, run } from "../support/kiln.ts";
import { startSqs } from "./support.ts";

test("boto3 sends and receives, and its checksums are the same", { timeout: 300_000 }, async (context) => {
  const boto3 = sdkClients.find(({ name }) => name === "boto3");
  assert.ok(boto3 !== undefined);
  const reason = await boto3.absent();
  if (reason !== undefined) return context.skip(reason);
  const [python = ""] = await boto3.prepare();
  const { url } = await startSqs(context);
  const finished = await run(python, [join(root, "test/sdks/python/queues.py")], {
    AWS_ENDPOINT_URL: url,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "000000000000",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
  });
  assert.equal(finished.status, 0, finished.stderr);
  assert.deepEqual(JSON.parse(finished.stdout), {
    body: true,
    attributes: true,
    same: true,
    sent: 2,
    order: ["first", "2", "3"],
    missing: "AWS.SimpleQueueService.NonExistentQueue",
  });
  return undefined;
});
