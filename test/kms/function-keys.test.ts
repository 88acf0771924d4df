/** A function whose variables are under a key: what is stored, who sees them, and what becomes of it without the key. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { DisableKeyCommand, EnableKeyCommand, EncryptCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { clientsOf } from "./clients.ts";
import { call, deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const code = "export const handler = async () => process.env.VALUE;";
const variables = (VALUE: string) => ({ Environment: { Variables: { VALUE } } });

function change(client: LambdaClient, more: Record<string, unknown>): Promise<unknown> {
  return client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...more }));
}

test("variables under a key start environments while the key can be used", { timeout: 120_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  const { kms, key } = clientsOf(context, kiln);
  const { KeyId, arn: KMSKeyArn } = await key();
  const client = kiln.client();
  await deploy(client, "f", code, { KMSKeyArn, ...variables("1") });
  assert.equal((await call(client, "f")).payload, "1");

  await kms.send(new DisableKeyCommand({ KeyId }));
  assert.equal((await call(client, "f")).payload, "1", "an environment that is there goes on");
  const shown = async () => client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
  const { Environment } = await shown();
  assert.deepEqual([Environment?.Error?.ErrorCode, Environment?.Variables], ["KMSDisabledException", undefined]);
  const update = (more: Record<string, unknown>) => change(client, more);
  await assert.rejects(update(variables("2")), {
    name: "InvalidParameterValueException",
    message: /KMS Exception: DisabledException/,
  });
  // A change that leaves the variables alone does not need the key; the environments of what was changed do.
  await update({ Description: "changed" });
  await updated(client, "f");
  await assert.rejects(client.send(new InvokeCommand({ FunctionName: "f" })), {
    name: "KMSDisabledException",
    message: /KMS Exception: DisabledException/,
  });
  await kms.send(new EnableKeyCommand({ KeyId }));
  assert.equal((await call(client, "f")).payload, "1");

  // To another key, with a version of before; then to none.
  await client.send(new PublishVersionCommand({ FunctionName: "f" }));
  const other = await key();
  await update({ KMSKeyArn: other.arn });
  await updated(client, "f");
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  assert.equal((await call(client, "f")).payload, "1");
  await assert.rejects(client.send(new InvokeCommand({ FunctionName: "f", Qualifier: "1" })), {
    name: "KMSInvalidStateException",
  });
  await update({ KMSKeyArn: "" });
  await updated(client, "f");
  await kms.send(new DisableKeyCommand({ KeyId: other.KeyId }));
  assert.deepEqual((await shown()).Environment, variables("1").Environment);
  assert.equal((await call(client, "f")).payload, "1");
});

test("variables are for who may decrypt with their key", { timeout: 120_000 }, async (context) => {
  const kiln = await startTestKiln(context, { KILN_AUTH: "on" });
  const { kms, iam, key, settings } = clientsOf(context, kiln);
  const trust = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [trust] });
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: "exec", AssumeRolePolicyDocument }));
  const user = async (UserName: string, ...Action: string[]) => {
    await iam.send(new CreateUserCommand({ UserName }));
    const statement = { Effect: "Allow", Action: ["lambda:*", "iam:PassRole", ...Action], Resource: "*" };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    const client = new LambdaClient({ ...settings, credentials });
    context.after(() => client.destroy());
    return client;
  };
  const writer = await user("writer", "kms:CreateGrant", "kms:Encrypt");
  const reader = await user("reader", "kms:Decrypt");
  const stranger = await user("stranger");
  const { arn: KMSKeyArn } = await key();
  const settingsOfF = { KMSKeyArn, Role: role?.Arn ?? "", ...variables("open sesame") };
  await assert.rejects(deploy(stranger, "f", code, settingsOfF), {
    name: "AccessDeniedException",
    message: /KMS access was denied.*kms:CreateGrant/,
  });
  await deploy(writer, "f", code, settingsOfF);
  const get = new GetFunctionConfigurationCommand({ FunctionName: "f" });
  assert.deepEqual((await reader.send(get)).Environment, variables("open sesame").Environment);
  for (const client of [writer, stranger]) {
    const { Environment, KMSKeyArn: shown } = await client.send(get);
    assert.deepEqual([Environment?.Variables, Environment?.Error?.ErrorCode], [undefined, "AccessDeniedException"]);
    assert.match(Environment?.Error?.Message ?? "", /KMS access was denied.*not authorized to perform: kms:Decrypt/);
    assert.equal(shown, KMSKeyArn);
    const { Functions } = await client.send(new ListFunctionsCommand({}));
    assert.deepEqual(Functions?.[0]?.Environment?.Error?.ErrorCode, "AccessDeniedException");
  }
  await assert.rejects(change(stranger, variables("mine")), { name: "AccessDeniedException" });
  await assert.rejects(change(writer, { KMSKeyArn: "" }), { name: "AccessDeniedException" }, "it would show them");
  await change(stranger, { Description: "this needs no key" });
  await updated(stranger, "f");
  assert.equal((await call(stranger, "f")).payload, "open sesame", "Lambda opens them for the function");
  // The key serves others besides, each in its own encryption context.
  await kms.send(new EncryptCommand({ KeyId: KMSKeyArn, Plaintext: Buffer.from("x") }));
});
