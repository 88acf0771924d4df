/** Functions that call the Kiln they run on: with the rights of their roles, and only where the operator wants it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const source = `
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
const client = new SQSClient({ maxAttempts: 1 });
export const handler = async ({ QueueUrl }) => {
  try {
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: "from inside" }));
    return { endpoint: process.env.AWS_ENDPOINT_URL };
  } catch (error) {
    return { error: error.name, code: error.code, message: error.message };
  }
};`;
const trust = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
});

test("a function calls Kiln as its role may, and its policy about addresses is not the host's", async (context) => {
  const kiln = await startTestKiln(context, { KILN_AUTH: "on", KILN_FUNCTION_API: "on" });
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const common = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  const iam = new IAMClient(common);
  const sqs = new SQSClient(common);
  context.after(() => {
    iam.destroy();
    sqs.destroy();
  });
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: "q" }));
  const roleWith = async (RoleName: string, Condition?: object): Promise<string> => {
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
    if (Condition !== undefined) {
      const Statement = [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: "*", Condition }];
      const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
      await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "send", PolicyDocument }));
    }
    return Role?.Arn ?? "";
  };
  const client = kiln.client();
  await deploy(client, "may", source, { Role: await roleWith("may", {}), Timeout: 30 });
  await deploy(client, "maynot", source, { Role: await roleWith("maynot"), Timeout: 30 });
  const fromHost = { IpAddress: { "aws:SourceIp": "127.0.0.0/8" } };
  await deploy(client, "fromhost", source, { Role: await roleWith("fromhost", fromHost), Timeout: 30 });

  const sent = await call(client, "may", { QueueUrl });
  assert.deepEqual(sent.payload, { endpoint });
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
  assert.equal(Messages?.[0]?.Body, "from inside");
  for (const name of ["maynot", "fromhost"]) {
    const { payload } = await call(client, name, { QueueUrl });
    assert.match(JSON.stringify(payload), /not authorized to perform: sqs:SendMessage|AccessDenied/i, name);
  }
});

test("without the setting there is no way from a function to Kiln", async (context) => {
  const kiln = await startTestKiln(context);
  const port = new URL(kiln.endpoint().url).port;
  await deploy(
    kiln.client(),
    "knocks",
    `import { connect } from "node:net";
     const knock = (port) => new Promise((done) => {
       const socket = connect({ host: "127.0.0.1", port, timeout: 2000 }, () => done("open"));
       socket.on("error", ({ code }) => done(code));
       socket.on("timeout", () => done("timeout"));
     });
     export const handler = async ({ ports }) => ({
       endpoint: process.env.AWS_ENDPOINT_URL ?? null, knocks: await Promise.all(ports.map(knock)),
     });`,
    { Timeout: 10 },
  );
  const { payload } = await call(kiln.client(), "knocks", { ports: [4566, Number(port)] });
  assert.deepEqual(payload, { endpoint: null, knocks: ["ECONNREFUSED", "ECONNREFUSED"] });
});

test("without authentication the operator is told what the setting means", async (context) => {
  const kiln = await startTestKiln(context, { KILN_FUNCTION_API: "on" });
  assert.match(kiln.output(), /every function can read and change everything here/);
  await deploy(
    kiln.client(),
    "lists",
    `import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
     export const handler = async () => {
       const { Functions } = await new LambdaClient().send(new ListFunctionsCommand());
       return Functions.map(({ FunctionName }) => FunctionName);
     };`,
    { Timeout: 30 },
  );
  assert.deepEqual((await call(kiln.client(), "lists")).payload, ["lists"]);
});
