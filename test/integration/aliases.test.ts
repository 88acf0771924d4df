/** Aliases with real environments, through the AWS CLI and its waiters and paginators: a canary from start to end. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { awsCli } from "../support/aws-cli.ts";
import { call as invoke } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const source = (label: string): string =>
  `export const handler = async (event, context) => ({
    label: "${label}", arn: context.invokedFunctionArn, version: process.env.AWS_LAMBDA_FUNCTION_VERSION });`;
const arn = "arn:aws:lambda:us-east-1:000000000000:function:canary";

test("the AWS CLI publishes, waits, shifts calls between versions and lists", async (context) => {
  const kiln = await startTestKiln(context);
  const folder = await mkdtemp(join(tmpdir(), "kiln-aliases-"));
  context.after(() => rm(folder, { recursive: true }));
  const { answer, call } = await awsCli(kiln);
  const of = ["--function-name", "canary"];
  const archive = join(folder, "code.zip");
  const writeCode = async (label: string): Promise<void> =>
    writeFile(archive, await zipOf({ "index.mjs": source(label) }));

  await writeCode("one");
  const created = await answer(
    "create-function",
    ...of,
    "--runtime",
    "nodejs24.x",
    "--handler",
    "index.handler",
    "--role",
    "arn:aws:iam::000000000000:role/r",
    "--zip-file",
    `fileb://${archive}`,
    "--publish",
  );
  assert.deepEqual([created["Version"], created["State"]], ["1", "Pending"]);
  await answer("wait", "function-exists", ...of);
  await answer("wait", "function-active-v2", ...of);
  await answer("wait", "published-version-active", ...of, "--qualifier", "1");

  await writeCode("two");
  const updated = await answer("update-function-code", ...of, "--zip-file", `fileb://${archive}`);
  assert.equal(updated["LastUpdateStatus"], "InProgress");
  await answer("wait", "function-updated-v2", ...of);
  await answer("wait", "function-updated", ...of);
  const two = await answer("publish-version", ...of, "--code-sha256", String(updated["CodeSha256"]));
  assert.equal(two["Version"], "2");
  await answer("wait", "published-version-active", ...of, "--qualifier", "2");
  assert.equal((await answer("publish-version", ...of))["Version"], "2", "nothing has changed");

  const alias = await answer("create-alias", ...of, "--name", "live", "--function-version", "1");
  assert.equal(alias["AliasArn"], `${arn}:live`);
  const client = kiln.client();
  const through = async (): Promise<{ version: string | undefined; payload: unknown }> => {
    const { version, payload } = await invoke(client, "canary", {}, { Qualifier: "live" });
    return { version, payload };
  };
  const fromOne = { version: "1", payload: { label: "one", arn: `${arn}:live`, version: "1" } };
  const fromTwo = { version: "2", payload: { label: "two", arn: `${arn}:live`, version: "2" } };
  assert.deepEqual(await through(), fromOne);

  // Half of the calls each: that 64 calls all meet the same version does not happen.
  const shifted = await answer(
    "update-alias",
    ...of,
    "--name",
    "live",
    "--routing-config",
    "AdditionalVersionWeights={2=0.5}",
    "--revision-id",
    String(alias["RevisionId"]),
  );
  assert.deepEqual(shifted["RoutingConfig"], { AdditionalVersionWeights: { 2: 0.5 } });
  const met = new Set<string | undefined>();
  for (let each = 0; each < 64; each += 1) {
    const answered = await through();
    assert.deepEqual(answered, answered.version === "2" ? fromTwo : fromOne);
    met.add(answered.version);
  }
  assert.deepEqual(met, new Set(["1", "2"]));

  await answer(
    "update-alias",
    ...of,
    "--name",
    "live",
    "--function-version",
    "2",
    "--routing-config",
    "AdditionalVersionWeights={}",
  );
  assert.deepEqual(await through(), fromTwo);
  const out = join(folder, "out.json");
  const called = await answer("invoke", "--function-name", `${arn}:live`, out);
  assert.equal(called["ExecutedVersion"], "2");
  assert.deepEqual(JSON.parse(await readFile(out, "utf8")), fromTwo.payload);

  const refused = await call("delete-function", ...of, "--qualifier", "2");
  assert.match(refused.stderr, /ResourceConflictException.*the following aliases reference it: \[live\]/);
  await answer("delete-function", ...of, "--qualifier", "1");

  for (const name of ["blue", "green"]) {
    await answer("create-alias", ...of, "--name", name, "--function-version", "$LATEST");
  }
  const listed = (await answer("list-aliases", ...of, "--page-size", "1")) as { Aliases: { Name: string }[] };
  assert.deepEqual(
    listed.Aliases.map(({ Name }) => Name),
    ["blue", "green", "live"],
  );
  const versions = (await answer("list-versions-by-function", ...of, "--page-size", "1")) as {
    Versions: { Version: string }[];
  };
  assert.deepEqual(
    versions.Versions.map(({ Version }) => Version),
    ["$LATEST", "2"],
  );
  const all = (await answer("list-functions", "--function-version", "ALL", "--page-size", "1")) as {
    Functions: { FunctionArn: string }[];
  };
  assert.deepEqual(
    all.Functions.map(({ FunctionArn }) => FunctionArn),
    [`${arn}:$LATEST`, `${arn}:2`],
  );
  const firstPage = await answer("list-aliases", ...of, "--max-items", "2");
  const rest = (await answer("list-aliases", ...of, "--starting-token", String(firstPage["NextToken"]))) as {
    Aliases: { Name: string }[];
  };
  assert.deepEqual(
    rest.Aliases.map(({ Name }) => Name),
    ["live"],
  );

  await kiln.kill();
  await kiln.start();
  const afterwards = await invoke(kiln.client(), "canary:live");
  assert.deepEqual({ version: afterwards.version, payload: afterwards.payload }, fromTwo);
});
