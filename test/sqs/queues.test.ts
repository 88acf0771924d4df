/** Queues themselves, through AWS's client. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import * as sdk from "@aws-sdk/client-sqs";
import { sqsOperations } from "../../src/services/sqs/index.ts";
import { arn, startSqs, type TestSqs } from "./support.ts";

const attributesOf = async ({ client }: TestSqs, QueueUrl: string): Promise<Record<string, string>> =>
  (await client.send(new sdk.GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))).Attributes ?? {};

describe("queues", () => {
  it("are the whole API: no operation is missing", () => {
    const all = Object.keys(sdk)
      .filter((name) => /^[A-Z]\w+Command$/.test(name))
      .map((name) => name.replace(/Command$/, ""));
    assert.deepEqual(Object.keys(sqsOperations).toSorted(), all.toSorted());
  });

  it("have AWS's defaults", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q");
    const { CreatedTimestamp, LastModifiedTimestamp, ...attributes } = await attributesOf(sqs, QueueUrl);
    assert.ok(Number(CreatedTimestamp) > 1_600_000_000 && CreatedTimestamp === LastModifiedTimestamp);
    assert.deepEqual(attributes, {
      QueueArn: arn("q"),
      ApproximateNumberOfMessages: "0",
      ApproximateNumberOfMessagesDelayed: "0",
      ApproximateNumberOfMessagesNotVisible: "0",
      DelaySeconds: "0",
      MaximumMessageSize: "1048576",
      MessageRetentionPeriod: "345600",
      ReceiveMessageWaitTimeSeconds: "0",
      SqsManagedSseEnabled: "true",
      VisibilityTimeout: "30",
    });
    const fifo = await attributesOf(sqs, await sqs.queue("q.fifo", { FifoQueue: "true" }));
    assert.equal(fifo["DeduplicationScope"], "queue");
    assert.equal(fifo["FifoThroughputLimit"], "perQueue");
    assert.equal(fifo["ContentBasedDeduplication"], "false");
  });

  it("are the same when they are created again alike, and a conflict when not", async (t) => {
    const sqs = await startSqs(t);
    const url = await sqs.queue("q", { VisibilityTimeout: "5" });
    assert.equal(await sqs.queue("q", { VisibilityTimeout: "5" }), url);
    assert.equal(await sqs.queue("q"), url);
    await assert.rejects(sqs.queue("q", { VisibilityTimeout: "6" }), {
      name: "QueueNameExists",
      message: "A queue already exists with the same name and a different value for attribute VisibilityTimeout",
    });
    for (const name of ["", "a b", "x".repeat(81), "q.fifo"]) await assert.rejects(sqs.queue(name));
    await assert.rejects(sqs.queue("r", { VisibilityTimeout: "43201" }), { name: "InvalidAttributeValue" });
    await assert.rejects(sqs.queue("r", { Colour: "red" }), { name: "InvalidAttributeName" });
  });

  it("give error codes that older clients know", async (t) => {
    const sqs = await startSqs(t);
    const answer = await fetch(sqs.url, {
      method: "POST",
      headers: { "x-amz-target": "AmazonSQS.GetQueueUrl", "content-type": "application/x-amz-json-1.0" },
      body: '{"QueueName":"nowhere"}',
    });
    assert.equal(answer.status, 400);
    assert.equal(answer.headers.get("x-amzn-query-error"), "AWS.SimpleQueueService.NonExistentQueue;Sender");
  });

  it("are listed by prefix, page by page, and found by name", async (t) => {
    const sqs = await startSqs(t);
    const { client } = sqs;
    assert.equal((await client.send(new sdk.ListQueuesCommand({}))).QueueUrls, undefined);
    for (const name of ["b1", "a1", "a2", "a3"]) await sqs.queue(name);
    const urls: string[] = [];
    for await (const page of sdk.paginateListQueues({ client, pageSize: 2 }, { QueueNamePrefix: "a" })) {
      urls.push(...(page.QueueUrls ?? []));
    }
    assert.deepEqual(
      urls.map((url) => url.split("/").at(-1)),
      ["a1", "a2", "a3"],
    );
    const found = await client.send(new sdk.GetQueueUrlCommand({ QueueName: "a2" }));
    assert.equal(found.QueueUrl, urls[1]);
    await assert.rejects(client.send(new sdk.GetQueueUrlCommand({ QueueName: "x" })), { name: "QueueDoesNotExist" });
  });

  it("change, are tagged, purged and deleted", async (t) => {
    const sqs = await startSqs(t);
    const { client } = sqs;
    const QueueUrl = await sqs.queue("q");
    await client.send(new sdk.SetQueueAttributesCommand({ QueueUrl, Attributes: { DelaySeconds: "7" } }));
    assert.equal((await attributesOf(sqs, QueueUrl))["DelaySeconds"], "7");
    await client.send(new sdk.TagQueueCommand({ QueueUrl, Tags: { a: "1", b: "2" } }));
    await client.send(new sdk.UntagQueueCommand({ QueueUrl, TagKeys: ["a", "c"] }));
    assert.deepEqual((await client.send(new sdk.ListQueueTagsCommand({ QueueUrl }))).Tags, { b: "2" });
    await client.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody: "m" }));
    assert.equal((await attributesOf(sqs, QueueUrl))["ApproximateNumberOfMessagesDelayed"], "1");
    await client.send(new sdk.PurgeQueueCommand({ QueueUrl }));
    assert.equal((await attributesOf(sqs, QueueUrl))["ApproximateNumberOfMessagesDelayed"], "0");
    await assert.rejects(client.send(new sdk.PurgeQueueCommand({ QueueUrl })), { name: "PurgeQueueInProgress" });
    await client.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody: "m", DelaySeconds: 0 }));
    await client.send(new sdk.DeleteQueueCommand({ QueueUrl }));
    await assert.rejects(attributesOf(sqs, QueueUrl), { name: "QueueDoesNotExist" });
    // Another queue of the same name has none of its messages.
    assert.equal((await attributesOf(sqs, await sqs.queue("q")))["ApproximateNumberOfMessages"], "0");
  });

  it("have policies that AddPermission and RemovePermission write", async (t) => {
    const sqs = await startSqs(t);
    const { client } = sqs;
    const QueueUrl = await sqs.queue("q");
    const permission = { QueueUrl, Label: "one", AWSAccountIds: ["111122223333"], Actions: ["SendMessage"] };
    await client.send(new sdk.AddPermissionCommand(permission));
    assert.deepEqual(JSON.parse((await attributesOf(sqs, QueueUrl))["Policy"] ?? ""), {
      Version: "2012-10-17",
      Id: `${arn("q")}/SQSDefaultPolicy`,
      Statement: [
        {
          Sid: "one",
          Effect: "Allow",
          Principal: { AWS: "arn:aws:iam::111122223333:root" },
          Action: "SQS:SendMessage",
          Resource: arn("q"),
        },
      ],
    });
    await assert.rejects(client.send(new sdk.AddPermissionCommand(permission)), /Already exists/);
    await client.send(new sdk.RemovePermissionCommand({ QueueUrl, Label: "one" }));
    assert.equal((await attributesOf(sqs, QueueUrl))["Policy"], undefined);
    await assert.rejects(client.send(new sdk.RemovePermissionCommand({ QueueUrl, Label: "one" })), /can't find label/);
  });

  it("send their dead letters where that is allowed, and a task brings them back", async (t) => {
    const sqs = await startSqs(t);
    const { client } = sqs;
    const dead = await sqs.queue("dead", { RedriveAllowPolicy: JSON.stringify({ redrivePermission: "denyAll" }) });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn("dead"), maxReceiveCount: 1 });
    await assert.rejects(sqs.queue("q", { RedrivePolicy }), /does not have permissions/);
    await client.send(new sdk.SetQueueAttributesCommand({ QueueUrl: dead, Attributes: { RedriveAllowPolicy: "" } }));
    const missing = JSON.stringify({ deadLetterTargetArn: arn("nowhere"), maxReceiveCount: 1 });
    await assert.rejects(sqs.queue("q", { RedrivePolicy: missing }), /Dead letter target does not exist/);
    const QueueUrl = await sqs.queue("q", { RedrivePolicy, VisibilityTimeout: "0" });
    const sources = await client.send(new sdk.ListDeadLetterSourceQueuesCommand({ QueueUrl: dead }));
    assert.deepEqual(sources.queueUrls, [QueueUrl]);

    for (const MessageBody of ["1", "2", "3"]) await client.send(new sdk.SendMessageCommand({ QueueUrl, MessageBody }));
    const receive = () => client.send(new sdk.ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    assert.equal((await receive()).Messages?.length, 3);
    assert.equal((await receive()).Messages, undefined);
    const start = (SourceArn: string) => client.send(new sdk.StartMessageMoveTaskCommand({ SourceArn }));
    await assert.rejects(start(arn("nowhere")), { name: "ResourceNotFoundException" });
    await assert.rejects(start(arn("q")), /must be configured as a Dead Letter Queue/);
    const { TaskHandle } = await start(arn("dead"));
    assert.ok(TaskHandle !== undefined);
    for (let each = 0; each < 200; each += 1) {
      const { Results } = await client.send(new sdk.ListMessageMoveTasksCommand({ SourceArn: arn("dead") }));
      const [task] = Results ?? [];
      if (task?.Status === "COMPLETED") {
        assert.equal(task.ApproximateNumberOfMessagesMoved, 3);
        assert.equal(task.ApproximateNumberOfMessagesToMove, 3);
        assert.equal((await receive()).Messages?.length, 3);
        await assert.rejects(client.send(new sdk.CancelMessageMoveTaskCommand({ TaskHandle })), /not active/);
        return;
      }
      await sleep(10);
    }
    assert.fail("the task did not complete");
  });
});
