/** Debian's AWS CLI, unmodified, with the exports of `kiln env`: the life of a function. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { awsCli } from "../support/aws-cli.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

test("the AWS CLI creates, updates, calls, lists and deletes a function", async (context) => {
  const kiln = await startTestKiln(context);
  const folder = await mkdtemp(join(tmpdir(), "kiln-cli-"));
  context.after(() => rm(folder, { recursive: true }));
  const { environment, call, answer } = await awsCli(kiln);
  assert.deepEqual(Object.keys(environment).toSorted(), [
    "AWS_ACCESS_KEY_ID",
    "AWS_DATA_PATH",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
  ]);

  const archive = join(folder, "code.zip");
  const out = join(folder, "out.json");

  await writeFile(archive, await zipOf({ "index.mjs": "export const handler = async (e) => ({ sum: e.a + e.b });" }));
  const created = await answer(
    "create-function",
    "--function-name",
    "sum",
    "--runtime",
    "nodejs20.x",
    "--handler",
    "index.handler",
    "--role",
    "arn:aws:iam::000000000000:role/r",
    "--zip-file",
    `fileb://${archive}`,
  );
  assert.equal(created["FunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:sum");
  assert.equal(created["State"], "Pending");
  await answer("wait", "function-active-v2", "--function-name", "sum");

  const called = await answer(
    "invoke",
    "--function-name",
    "sum",
    "--cli-binary-format",
    "raw-in-base64-out",
    "--payload",
    '{"a":40,"b":2}',
    "--log-type",
    "Tail",
    out,
  );
  assert.equal(called["StatusCode"], 200);
  assert.equal(called["ExecutedVersion"], "$LATEST");
  assert.equal(await readFile(out, "utf8"), '{"sum":42}');
  assert.match(Buffer.from(String(called["LogResult"]), "base64").toString(), /^REPORT RequestId: /m);

  await writeFile(
    archive,
    await zipOf({ "index.mjs": "export const handler = async (e) => ({ product: e.a * e.b });" }),
  );
  await answer("update-function-code", "--function-name", "sum", "--zip-file", `fileb://${archive}`);
  await answer("wait", "function-updated-v2", "--function-name", "sum");
  await answer(
    "update-function-configuration",
    "--function-name",
    "sum",
    "--memory-size",
    "256",
    "--environment",
    "Variables={STAGE=test}",
  );
  await answer("wait", "function-updated-v2", "--function-name", "sum");
  await answer(
    "invoke",
    "--function-name",
    "sum",
    "--cli-binary-format",
    "raw-in-base64-out",
    "--payload",
    '{"a":6,"b":7}',
    out,
  );
  assert.equal(await readFile(out, "utf8"), '{"product":42}');

  const published = await answer("publish-version", "--function-name", "sum");
  assert.equal(published["Version"], "1");
  await answer("wait", "published-version-active", "--function-name", "sum", "--qualifier", "1");
  const versions = (await answer("list-versions-by-function", "--function-name", "sum", "--page-size", "1")) as {
    Versions: { Version: string }[];
  };
  assert.deepEqual(
    versions.Versions.map((each) => each.Version),
    ["$LATEST", "1"],
  );
  const listed = (await answer("list-functions")) as { Functions: { FunctionName: string; MemorySize: number }[] };
  assert.deepEqual(
    listed.Functions.map((each) => [each.FunctionName, each.MemorySize]),
    [["sum", 256]],
  );
  await answer("delete-function", "--function-name", "sum");
  const gone = await call("get-function", "--function-name", "sum");
  assert.notEqual(gone.status, 0);
  assert.match(
    gone.stderr,
    /ResourceNotFoundException.*Function not found: arn:aws:lambda:us-east-1:000000000000:function:sum/,
  );
});
