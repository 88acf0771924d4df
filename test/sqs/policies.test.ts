/** Policies of queues, with authentication on: signed requests of two accounts against a real store. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import * as sdk from "@aws-sdk/client-sqs";
import { createQueues } from "../../src/queues/queues.ts";
import { rootAccess, type Access } from "../../src/security/access/access.ts";
import { createGuard } from "../../src/security/access/guard.ts";
import type { Credential } from "../../src/security/contract.ts";
import { createPolicyCompiler, policyProblem } from "../../src/security/policy/index.ts";
import { sqsPermissions } from "../../src/services/sqs/permissions.ts";
import { sqsService } from "../../src/services/sqs/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { startServer } from "../wire/server.ts";

const [owner, other] = ["111111111111", "222222222222"];
const secretAccessKey = "secret";
const arn = (name: string): string => `arn:aws:sqs:us-east-1:${owner}:${name}`;
const statement = (more: object): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...more }] });

/** A user of an account, with one policy or none. */
function user(account: string, identity?: string): Credential {
  const userArn = `arn:aws:iam::${account}:user/u`;
  const access: Access = {
    principal: { kind: "user", account, arn: userArn, id: "AIDA" },
    policies: { identity: identity === undefined ? [] : [createPolicyCompiler()(identity, "identity")] },
    keys: () => undefined,
  };
  return { secretAccessKey, principal: { kind: "user", account, arn: userArn, userId: "AIDA" }, access };
}

function root(account: string): Credential {
  const { caller, ...access } = rootAccess(account);
  return { secretAccessKey, principal: caller, access };
}

const credentials: Record<string, Credential> = {
  ROOT: root(owner),
  OTHERROOT: root(other),
  PLAIN: user(owner),
  OTHERPLAIN: user(other),
  OTHERSENDER: user(other, statement({ Action: "sqs:*" })),
};

const readable = (text: string): boolean => policyProblem(text, "resource") === undefined;

async function start(context: TestContext): Promise<(key: string) => sdk.SQSClient> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-sqs-policies-"));
  const store = await openSqliteStore({ dir });
  const { documents, queue } = store;
  const queues = createQueues({ documents, queue, isPolicy: readable, report: (error) => assert.ifError(error) });
  const guard = createGuard({
    credentials: { find: (key) => credentials[key] },
    tables: { sqs: sqsPermissions },
    policyOf: (named) => queues.policyOf(named),
    tagsOf: async () => undefined,
    region: "us-east-1",
    clock: Date.now,
  });
  const server = await startServer({ services: [sqsService({ queues })], ...guard });
  const clients: sdk.SQSClient[] = [];
  context.after(async () => {
    for (const client of clients) client.destroy();
    await server[Symbol.asyncDispose]();
    await queues.close();
    await store.close();
    await rm(dir, { recursive: true });
  });
  return (accessKeyId) => {
    const common = { endpoint: server.url, region: "us-east-1", maxAttempts: 1 };
    const client = new sdk.SQSClient({ ...common, credentials: { accessKeyId, secretAccessKey } });
    clients.push(client);
    return client;
  };
}

test("a queue's policy lets in whom it names, of its own account and of others", async (context) => {
  const as = await start(context);
  const mine = as("ROOT");
  const { QueueUrl = "" } = await mine.send(new sdk.CreateQueueCommand({ QueueName: "q" }));
  const send = (key: string) => as(key).send(new sdk.SendMessageCommand({ QueueUrl, MessageBody: "m" }));
  const put = (Policy: string) => mine.send(new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
  for (const key of ["PLAIN", "OTHERPLAIN", "OTHERSENDER", "OTHERROOT"]) {
    await assert.rejects(send(key), /is not authorized to perform: sqs:SendMessage on resource: arn/, key);
  }

  // In one account the queue's policy is enough; from another the caller's own has to allow too.
  await put(
    statement({ Principal: { AWS: `arn:aws:iam::${owner}:user/u` }, Action: "SQS:SendMessage", Resource: arn("q") }),
  );
  await send("PLAIN");
  await assert.rejects(send("OTHERSENDER"), /because no resource-based policy allows/);
  await put(statement({ Principal: { AWS: other }, Action: "SQS:*", Resource: arn("q") }));
  await send("OTHERSENDER");
  await send("OTHERROOT");
  await assert.rejects(send("OTHERPLAIN"), /because no identity-based policy allows/);
  await assert.rejects(send("PLAIN"), /because no identity-based policy allows/);
  const theirs = as("OTHERSENDER");
  const named = new sdk.GetQueueUrlCommand({ QueueName: "q", QueueOwnerAWSAccountId: owner });
  assert.equal((await theirs.send(named)).QueueUrl, QueueUrl);
  const { Messages } = await theirs.send(new sdk.ReceiveMessageCommand({ QueueUrl }));
  await theirs.send(new sdk.DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages?.[0]?.ReceiptHandle }));

  // What AWS lets no policy give away.
  for (const command of [
    new sdk.DeleteQueueCommand({ QueueUrl }),
    new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: "1" } }),
    new sdk.TagQueueCommand({ QueueUrl, Tags: { a: "b" } }),
    new sdk.AddPermissionCommand({ QueueUrl, Label: "l", AWSAccountIds: [other ?? ""], Actions: ["SendMessage"] }),
  ]) {
    await assert.rejects(theirs.send(command as sdk.DeleteQueueCommand), /is not authorized to perform/);
  }

  await put(statement({ Effect: "Deny", Principal: "*", Action: "sqs:SendMessage", Resource: arn("q") }));
  await assert.rejects(send("ROOT"), /with an explicit deny in a resource-based policy/);
  await put("");
  await send("ROOT");

  const label = { Label: "them", AWSAccountIds: [other ?? ""], Actions: ["SendMessage"] };
  await mine.send(new sdk.AddPermissionCommand({ QueueUrl, ...label }));
  await send("OTHERSENDER");
  await assert.rejects(theirs.send(new sdk.ReceiveMessageCommand({ QueueUrl })), /no resource-based policy allows/);
  await mine.send(new sdk.RemovePermissionCommand({ QueueUrl, Label: "them" }));
  await assert.rejects(send("OTHERSENDER"), /no resource-based policy allows/);
});

test("a policy that nobody could evaluate is refused when it is set", async (context) => {
  const as = await start(context);
  const mine = as("ROOT");
  const { QueueUrl = "" } = await mine.send(new sdk.CreateQueueCommand({ QueueName: "q" }));
  for (const Policy of ["{}", statement({ Action: "sqs:*" }), statement({ Principal: "*", Action: "send" })]) {
    const set = mine.send(new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }));
    await assert.rejects(set, /Invalid value for the parameter Policy/, Policy);
  }
});
