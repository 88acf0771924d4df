/** Functions whose code is under a key: how it is stored, who gets it, and what becomes of it without the key. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { CreateAccessKeyCommand, CreateUserCommand, PutUserPolicyCommand } from "@aws-sdk/client-iam";
import { DisableKeyCommand, EnableKeyCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import {
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { ringFile, openKeyRing, openRoot, createSealer } from "../../src/security/keys/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { clientsOf } from "./clients.ts";
import { call, deploy, updated } from "../support/functions.ts";
import { keyFileOf, startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";
import { join } from "node:path";

const sourceOf = (text: string) => `export const handler = async () => ${JSON.stringify(text)};`;
const get = new GetFunctionCommand({ FunctionName: "f" });
const invoke = new InvokeCommand({ FunctionName: "f" });

/** A change that makes the function's environments start anew. */
async function touch(client: LambdaClient, Description: string): Promise<void> {
  await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Description }));
}

test("code under a key starts environments while the key can be used", { timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  const { kms, key } = clientsOf(context, kiln);
  const { KeyId, arn } = await key();
  const client = kiln.client();
  const zip = await zipOf({ "index.mjs": sourceOf("one") });
  await deploy(client, "f", "", { Code: { ZipFile: zip, SourceKMSKeyArn: arn } });
  assert.equal((await call(client, "f")).payload, "one");
  const { Configuration, Code } = await client.send(get);
  const hash = createHash("sha256").update(zip).digest("base64");
  assert.deepEqual([Configuration?.CodeSha256, Configuration?.CodeSize], [hash, zip.length], "those of the zip");
  assert.equal(Code?.SourceKMSKeyArn, arn);
  const location = Code?.Location ?? "";
  assert.deepEqual(Buffer.from(await (await fetch(location)).arrayBuffer()), zip);

  await kms.send(new DisableKeyCommand({ KeyId }));
  assert.equal((await call(client, "f")).payload, "one", "an environment that is there goes on");
  assert.equal((await fetch(location)).status, 403);
  const shown = (await client.send(get)).Code;
  assert.deepEqual(
    [shown?.Location, shown?.SourceKMSKeyArn, shown?.Error?.ErrorCode],
    [undefined, arn, "KMSDisabledException"],
  );
  const update = new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile: zip, SourceKMSKeyArn: arn });
  await assert.rejects(client.send(update), {
    name: "InvalidParameterValueException",
    message: /deployment package because the KMS key is invalid.*KMS Exception: DisabledException/,
  });

  // Killed, so that nothing is in memory: the stored code does not open.
  await kiln.kill();
  await kiln.start();
  await assert.rejects(kiln.client().send(invoke), {
    name: "KMSDisabledException",
    message: /^Lambda was unable to decrypt the deployment package because the KMS key used is disabled/,
  });
  await touch(kiln.client(), "changed");
  await assert.rejects(waitUntilFunctionUpdatedV2({ client: kiln.client(), maxWaitTime: 60 }, { FunctionName: "f" }));
  const failed = (await kiln.client().send(get)).Configuration;
  assert.equal(failed?.LastUpdateStatusReasonCode, "DisabledKMSKey");
  await clientsOf(context, kiln).kms.send(new EnableKeyCommand({ KeyId }));
  await touch(kiln.client(), "once more");
  await updated(kiln.client(), "f");
  assert.equal((await call(kiln.client(), "f")).payload, "one");
});

test("a version keeps its key; code that comes without one has none", { timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  const { kms, key } = clientsOf(context, kiln);
  const { KeyId, arn } = await key();
  const client = kiln.client();
  const [one, two] = await Promise.all(["one", "two"].map((text) => zipOf({ "index.mjs": sourceOf(text) })));
  await deploy(client, "f", "", { Code: { ZipFile: one, SourceKMSKeyArn: arn } });
  // The same zip of another function is stored once more: it does not open what is the other's.
  await deploy(client, "g", "", { Code: { ZipFile: one } });
  const { Version } = await client.send(new PublishVersionCommand({ FunctionName: "f" }));
  await client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile: two }));
  await updated(client, "f");
  assert.equal((await client.send(get)).Code?.SourceKMSKeyArn, undefined);
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
  assert.equal((await call(client, "f")).payload, "two");
  assert.equal((await call(client, "g")).payload, "one");
  await assert.rejects(client.send(new InvokeCommand({ FunctionName: "f", Qualifier: Version })), {
    name: "KMSInvalidStateException",
  });
  const image = { FunctionName: "h", PackageType: "Image" as const };
  await assert.rejects(
    deploy(client, "h", "", {
      ...image,
      Runtime: undefined,
      Handler: undefined,
      Code: { ImageUri: "registry.example.com/h:1", SourceKMSKeyArn: arn },
    }),
    /PackageType Zip/,
  );
  const nobody = arn.replace(/[^/]+$/, "00000000-0000-4000-8000-000000000000");
  await assert.rejects(deploy(client, "h", "", { Code: { ZipFile: one, SourceKMSKeyArn: nobody } }), {
    name: "InvalidParameterValueException",
    message: /KMS Exception: NotFoundException/,
  });
});

test("whoever has the store's keys and not the user's does not get the code", { timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context);
  const { key } = clientsOf(context, kiln);
  const { arn } = await key();
  const zip = await zipOf({ "index.mjs": sourceOf("under a key") });
  const clear = await zipOf({ "index.mjs": sourceOf("under none") });
  await deploy(kiln.client(), "f", "", { Code: { ZipFile: zip, SourceKMSKeyArn: arn } });
  await deploy(kiln.client(), "g", "", { Code: { ZipFile: clear } });
  await kiln.stop();
  const ring = await openKeyRing({
    file: ringFile(kiln.state),
    keyFile: keyFileOf(kiln.state),
    root: await openRoot({ kind: "file" }),
    report: (error) => assert.fail(String(error)),
  });
  const store = await openSqliteStore({ dir: join(kiln.state, "store"), sealer: createSealer(ring) });
  const stored: Buffer[] = [];
  for await (const id of store.blobs.list())
    stored.push(Buffer.from((await (await store.blobs.get(id))?.bytes()) ?? ""));
  await store.close();
  ring.close();
  assert.ok(stored.some((bytes) => bytes.equals(clear)));
  assert.ok(stored.some((bytes) => bytes.length === zip.length + 28));
  assert.ok(
    !stored.some(
      (bytes) => bytes.includes(zip.subarray(0, 64)) || (bytes.includes("index.mjs") && !bytes.equals(clear)),
    ),
  );
});

test("code is for who may decrypt with its key", { timeout: 180_000 }, async (context) => {
  const kiln = await startTestKiln(context, { KILN_AUTH: "on", KILN_ACCOUNT: "123456789012" });
  const { iam, key, settings } = clientsOf(context, kiln);
  const { arn } = await key();
  const user = async (UserName: string, ...Action: string[]) => {
    await iam.send(new CreateUserCommand({ UserName }));
    const own = { Effect: "Allow", Action: ["lambda:*", "iam:PassRole"], Resource: "*" };
    const context = {
      "kms:EncryptionContext:aws:lambda:FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f",
    };
    const keys = { Effect: "Allow", Action, Resource: arn, Condition: { StringEquals: context } };
    const Statement = Action.length === 0 ? [own] : [own, keys];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: "p", PolicyDocument }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const credentials = {
      accessKeyId: AccessKey?.AccessKeyId ?? "",
      secretAccessKey: AccessKey?.SecretAccessKey ?? "",
    };
    return new LambdaClient({ ...settings, credentials });
  };
  const writer = await user("writer", "kms:GenerateDataKey", "kms:Decrypt");
  const half = await user("half", "kms:GenerateDataKey");
  const reader = await user("reader", "kms:Decrypt");
  const stranger = await user("stranger");
  context.after(() => {
    for (const client of [writer, half, reader, stranger]) client.destroy();
  });
  const zip = await zipOf({ "index.mjs": sourceOf("one") });
  const wanted = {
    Role: "arn:aws:iam::123456789012:role/kiln-default",
    Code: { ZipFile: zip, SourceKMSKeyArn: arn },
  };
  for (const [client, action] of [
    [half, "kms:Decrypt"],
    [reader, "kms:GenerateDataKey"],
    [stranger, "kms:GenerateDataKey"],
  ] as const) {
    await assert.rejects(deploy(client, "f", "", wanted), {
      name: "AccessDeniedException",
      message: new RegExp(`deployment package because the KMS access was denied.*${action}`),
    });
  }
  await assert.rejects(deploy(writer, "other", "", wanted), { name: "AccessDeniedException" }, "another function's");
  await deploy(writer, "f", "", wanted);
  assert.equal((await call(stranger, "f")).payload, "one", "Lambda opens it for the function");
  const { Code } = await reader.send(get);
  assert.deepEqual(Buffer.from(await (await fetch(Code?.Location ?? "")).arrayBuffer()), zip);
  const seen = (await stranger.send(get)).Code;
  assert.deepEqual([seen?.Location, seen?.Error?.ErrorCode], [undefined, "AccessDeniedException"]);
  const update = { FunctionName: "f", ZipFile: zip, SourceKMSKeyArn: arn };
  await assert.rejects(stranger.send(new UpdateFunctionCodeCommand(update)), { name: "AccessDeniedException" });
});
