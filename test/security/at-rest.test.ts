/** Secrets are planted everywhere, and every byte that outlives the power is searched for them. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from "@aws-sdk/client-iam";
import { InvokeCommand, PublishLayerVersionCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { forgeZip } from "../artifacts/forge-zip.ts";
import { call, deploy, updated } from "../support/functions.ts";
import { keyFileOf, run, startTestKiln, kilnProgram } from "../support/kiln.ts";
import { findSecrets } from "../support/search.ts";

const secret = (): string => randomBytes(24).toString("base64url");

/** An event fails as long as there is the variable, and is logged then, so that the test sees that it was run. */
const source = (inCode: string, inTmp: string): string => `
import { writeFileSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
const planted = "${inCode}";
export const handler = async (event) => {
  writeFileSync("/tmp/planted", "${inTmp}");
  if (event.queued && process.env.PLANTED) throw new Error("later");
  if (event.text) console.log("logged: " + event.text);
  if (event.queued) console.log("the event came", event.queued.length);
  return { code: planted.length, environment: process.env.PLANTED, layer: readFileSync("/opt/planted", "utf8") };
};`;

/** Whether the function has written the text into its log within half a minute. */
async function logged(logs: CloudWatchLogsClient, text: string): Promise<boolean> {
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { events } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/named-in-the-clear" }));
    if (events?.some(({ message }) => message?.includes(text))) return true;
    await sleep(100);
  }
  return false;
}

test("nothing secret is on a disk in the clear: running, killed and stopped", { timeout: 120_000 }, async (context) => {
  const place = mkdtempSync(join(tmpdir(), "kiln-at-rest-"));
  // Jails pass through it on their way to the run directory.
  chmodSync(place, 0o711);
  const [temporary, runDir] = [join(place, "tmp"), join(place, "run")];
  mkdirSync(temporary);
  mkdirSync(runDir, 0o711);
  const planted = { code: secret(), layer: secret(), variable: secret(), tmp: secret(), call: secret() };
  const queued = { event: secret(), message: secret() };
  const kiln = await startTestKiln(context, { TMPDIR: temporary, KILN_RUN: runDir, KILN_EVENT_RETRY_MS: "15000" });
  // After Kiln has stopped, whose mounts are in it.
  context.after(() => rmSync(place, { recursive: true }));
  const clientOf = <C extends { destroy(): void }>(Client: new (options: object) => C): C => {
    const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const client = new Client({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
    context.after(() => client.destroy());
    return client;
  };

  const layer = await kiln.client().send(
    new PublishLayerVersionCommand({
      LayerName: "l",
      Content: { ZipFile: forgeZip([{ name: "planted", content: planted.layer, stored: true }]) },
    }),
  );
  const code = forgeZip([{ name: "index.mjs", content: source(planted.code, planted.tmp), stored: true }]);
  assert.ok(code.includes(planted.code), "the zip itself does not hide it");
  await deploy(kiln.client(), "named-in-the-clear", "", {
    Code: { ZipFile: code },
    Layers: [layer.LayerVersionArn ?? ""],
    Environment: { Variables: { PLANTED: planted.variable } },
  });
  const answer = { code: planted.code.length, environment: planted.variable, layer: planted.layer };
  const called = await call(kiln.client(), "named-in-the-clear", { text: planted.call });
  assert.deepEqual(called.payload, answer);
  await kiln.client().send(
    new InvokeCommand({
      FunctionName: "named-in-the-clear",
      InvocationType: "Event",
      Payload: JSON.stringify({ queued: queued.event }),
    }),
  );
  const sqs = clientOf(SQSClient);
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "q" }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: queued.message }));
  const iam = clientOf(IAMClient);
  await iam.send(new CreateUserCommand({ UserName: "u" }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: "u" }));
  const secrets = { ...planted, ...queued, accessKey: AccessKey?.SecretAccessKey ?? "" };
  assert.ok(secrets.accessKey.length >= 40);

  const search = (when: string): void => {
    for (const dir of [kiln.state, place]) assert.deepEqual(findSecrets(dir, secrets), [], `${when}: ${dir}`);
  };
  // The search finds what is there.
  assert.ok(findSecrets(kiln.state, { name: "named-in-the-clear" }).length > 0);
  writeFileSync(join(temporary, "control"), Buffer.from(`x${secrets.event}y`).toString("base64"));
  assert.deepEqual(findSecrets(place, secrets), ["event in tmp/control"]);
  rmSync(join(temporary, "control"));

  assert.ok(await logged(clientOf(CloudWatchLogsClient), `logged: ${planted.call}`));
  search("running");
  await kiln.kill();
  search("killed");

  // With a key that was rotated while nothing ran, all of it is still there.
  const rotated = await run(kilnProgram, ["keys", "rotate", "--state", kiln.state, "--json"]);
  assert.equal(rotated.status, 0, rotated.stderr);
  assert.equal((JSON.parse(rotated.stdout) as { keyFile: string }).keyFile, keyFileOf(kiln.state));
  await kiln.start();
  assert.deepEqual((await call(kiln.client(), "named-in-the-clear")).payload, answer);
  const { Messages } = await clientOf(SQSClient).send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  assert.equal(Messages?.[0]?.Body, queued.message);
  // The event has failed so far, and is tried again.
  await kiln
    .client()
    .send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "named-in-the-clear", Environment: { Variables: {} } }),
    );
  await updated(kiln.client(), "named-in-the-clear");
  assert.ok(await logged(clientOf(CloudWatchLogsClient), `the event came ${queued.event.length}`));
  search("running again");
  await kiln.stop();
  search("stopped");
});
