/** A function whose variables are under a key, and what becomes of it when the key cannot be used. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { InvokeCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const variables = (VALUE: string) => ({ Environment: { Variables: { VALUE } } });

test("no environment starts while the key of its variables is disabled", { timeout: 60_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const kms = new KMSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
  context.after(() => kms.destroy());
  const { KeyMetadata: { KeyId, Arn: KMSKeyArn } = {} } = await kms.send(new CreateKeyCommand({}));
  const client = kiln.client();
  await deploy(client, "f", "export const handler = async () => process.env.VALUE;", { KMSKeyArn, ...variables("1") });
  assert.equal((await call(client, "f")).payload, "1");

  await kms.send(new DisableKeyCommand({ KeyId }));
  assert.equal((await call(client, "f")).payload, "1", "an environment that is there goes on");
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...variables("2") }));
  await updated(client, "f");
  await assert.rejects(client.send(new InvokeCommand({ FunctionName: "f" })), {
    name: "KMSDisabledException",
    message: /KMS Exception: DisabledException/,
  });
  await kms.send(new EnableKeyCommand({ KeyId }));
  assert.equal((await call(client, "f")).payload, "2");
});
