/** Destinations on a server that others wrote: moto's SNS, EventBridge, S3 and SQS. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import {
  EventBridgeClient,
  CreateEventBusCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { ServiceError } from "../../src/base/errors.ts";
import { openDestinations } from "../../src/compose/destinations.ts";
import { loadConfig } from "../../src/config/index.ts";
import type { Deliver, Delivery } from "../../src/invoke/contract.ts";
import { createQueues } from "../../src/queues/queues.ts";
import { openSqliteStore } from "../../src/store/sqlite/open.ts";
import { withoutMoto } from "../../tools/moto.ts";
import { startMoto } from "../support/moto.ts";

const account = "123456789012";
const region = "us-east-1";
const scope = { account, region };
const source = `arn:aws:lambda:${region}:${account}:function:f:$LATEST`;
const requestId = "11111111-2222-4333-8444-555555555555";
const traceId = "Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:aaaaaaaa:3";
const record = JSON.stringify({ version: "1.0", requestPayload: { a: 1 }, responsePayload: null });
const delivery = (target: string, more: Partial<Delivery> = {}): Delivery => ({
  scope,
  target,
  source,
  requestId,
  body: record,
  traceId,
  ...more,
});

interface Bench {
  deliver: Deliver;
  settings: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  queue: (
    name: string,
  ) => Promise<{ arn: string; next: () => Promise<{ body: string; trace: string | undefined; raw: unknown }> }>;
  local: ReturnType<typeof createQueues>;
}

async function bench(t: TestContext): Promise<Bench> {
  const { endpoint } = await startMoto(t);
  const settings = { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const dir = await mkdtemp(join(tmpdir(), "kiln-destinations-"));
  const store = await openSqliteStore({ dir });
  const local = createQueues({
    documents: store.documents,
    queue: store.queue,
    report: (error) => assert.fail(String(error)),
  });
  const config = loadConfig(
    { state: "/nowhere" },
    {
      KILN_SQS_ENDPOINT: endpoint,
      KILN_SNS_ENDPOINT: endpoint,
      KILN_EVENTBRIDGE_ENDPOINT: endpoint,
      KILN_S3_ENDPOINT: endpoint,
    },
  );
  const { deliver, close } = await openDestinations(config, { queues: local, events: () => assert.fail() });
  const sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  t.after(async () => {
    close();
    sqs.destroy();
    await local.close();
    await store.close();
    await rm(dir, { recursive: true });
  });
  return {
    deliver,
    settings,
    local,
    async queue(QueueName) {
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName }));
      return {
        arn: `arn:aws:sqs:${region}:${account}:${QueueName}`,
        async next() {
          for (;;) {
            const { Messages } = await sqs.send(
              new ReceiveMessageCommand({
                QueueUrl,
                WaitTimeSeconds: 5,
                MessageAttributeNames: ["All"],
                MessageSystemAttributeNames: ["All"],
              }),
            );
            const message = Messages?.[0];
            if (message === undefined) continue;
            return {
              body: message.Body ?? "",
              trace: message.Attributes?.AWSTraceHeader,
              raw: message.MessageAttributes,
            };
          }
        },
      };
    },
  };
}

describe("destinations on other servers", { skip: (await withoutMoto()) ?? false }, () => {
  it("get records: queues, topics, buses and buckets", async (t) => {
    const { deliver, settings, queue, local } = await bench(t);
    const here = await queue("here");
    await deliver(delivery(here.arn, { attributes: { ErrorCode: { type: "Number", value: "200" } } }));
    const message = await here.next();
    assert.equal(message.body, record);
    assert.deepEqual((message.raw as { ErrorCode: object }).ErrorCode, { DataType: "Number", StringValue: "200" });

    // A queue of Kiln's own comes first.
    await local.create(scope, "here", {}, {});
    await deliver(delivery(here.arn));
    const [own] = await local.receive(scope, "here", { max: 1 });
    assert.deepEqual([own?.body, own?.system["AWSTraceHeader"]], [record, traceId]);

    const sns = new SNSClient(settings);
    const heard = await queue("heard");
    const { TopicArn = "" } = await sns.send(new CreateTopicCommand({ Name: "topic" }));
    const Attributes = { RawMessageDelivery: "true" };
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: heard.arn, Attributes }));
    await deliver(delivery(TopicArn));
    assert.equal((await heard.next()).body, record);
    const large = JSON.stringify({ ...(JSON.parse(record) as object), requestPayload: "x".repeat(300_000) });
    await deliver(delivery(TopicArn, { body: large }));
    assert.deepEqual(JSON.parse((await heard.next()).body), { version: "1.0" });
    sns.destroy();

    const events = new EventBridgeClient(settings);
    const { EventBusArn = "" } = await events.send(new CreateEventBusCommand({ Name: "bus" }));
    const onBus = await queue("on-bus");
    await events.send(
      new PutRuleCommand({ Name: "all", EventBusName: "bus", EventPattern: JSON.stringify({ source: ["lambda"] }) }),
    );
    await events.send(
      new PutTargetsCommand({ Rule: "all", EventBusName: "bus", Targets: [{ Id: "1", Arn: onBus.arn }] }),
    );
    for (const succeeded of [true, false]) {
      await deliver(delivery(EventBusArn, { succeeded }));
      const event = JSON.parse((await onBus.next()).body) as Record<string, unknown>;
      assert.deepEqual(
        [event["source"], event["detail-type"], event["detail"], event["resources"]],
        [
          "lambda",
          `Lambda Function Invocation Result - ${succeeded ? "Success" : "Failure"}`,
          JSON.parse(record),
          [EventBusArn, source],
        ],
      );
    }
    events.destroy();

    const s3 = new S3Client({ ...settings, forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: "failures" }));
    await deliver(delivery("arn:aws:s3:::failures"));
    await deliver(delivery("arn:aws:s3:::failures", { folder: "aws/lambda/uuid/shard-0" }));
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "failures" }));
    const [first, second] = Contents.map(({ Key = "" }) => Key);
    const date = String.raw`\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-${requestId}`;
    assert.match(first ?? "", new RegExp(`^aws/lambda/async/f/${date}$`));
    assert.match(second ?? "", new RegExp(`^aws/lambda/uuid/shard-0/${date}$`));
    const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: "failures", Key: first }));
    assert.deepEqual([await Body?.transformToString(), ContentType], [record, "application/json"]);
    s3.destroy();
  });

  it("say whether trying again may help", async (t) => {
    const { deliver } = await bench(t);
    for (const target of [
      `arn:aws:sqs:${region}:${account}:none`,
      `arn:aws:sns:${region}:${account}:none`,
      "arn:aws:s3:::none",
    ]) {
      await assert.rejects(deliver(delivery(target)), ServiceError);
    }
  });

  it("are tried again when nobody answers", async (t) => {
    const nowhere = "http://127.0.0.1:9";
    const variables = { KILN_SNS_ENDPOINT: nowhere, KILN_EVENTBRIDGE_ENDPOINT: nowhere, KILN_S3_ENDPOINT: nowhere };
    const parts = { queues: undefined as never, events: () => assert.fail() };
    const { deliver, close } = await openDestinations(loadConfig({ state: "/nowhere" }, variables), parts);
    t.after(close);
    for (const target of [
      `arn:aws:sns:${region}:${account}:none`,
      `arn:aws:events:${region}:${account}:event-bus/none`,
      "arn:aws:s3:::none",
    ]) {
      await assert.rejects(deliver(delivery(target)), (error) => !(error instanceof ServiceError));
    }
  });
});
