/** Queues with the real program: a function that a queue feeds, and what becomes of events that fail. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

test("queues and functions", async (context) => {
  const kiln = await startTestKiln(context, { KILN_EVENT_RETRY_MS: "50" });
  const lambda = kiln.client();
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const common = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const sqs = new SQSClient(common);
  const logs = new CloudWatchLogsClient(common);
  context.after(() => {
    sqs.destroy();
    logs.destroy();
  });
  const create = async (QueueName: string): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? "";

  await context.test("a queue feeds its function", async () => {
    const QueueUrl = await create("work");
    const source =
      "export const handler = async ({ Records }) => { for (const { body } of Records) console.log(`got ${body}`); };";
    await deploy(lambda, "worker", source);
    const mapping = { FunctionName: "worker", EventSourceArn: arnOf("work") };
    const { UUID, State } = await lambda.send(new CreateEventSourceMappingCommand(mapping));
    assert.equal(State, "Creating");
    assert.equal((await lambda.send(new GetEventSourceMappingCommand({ UUID }))).State, "Enabled");
    await assert.rejects(
      lambda.send(new CreateEventSourceMappingCommand({ ...mapping, EventSourceArn: arnOf("nowhere") })),
      /AWS\.SimpleQueueService\.NonExistentQueue/,
    );
    const send = (batch: number) =>
      sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: Array.from({ length: 10 }, (_, index) => ({ Id: `m${index}`, MessageBody: `${batch}-${index}` })),
        }),
      );
    for (let batch = 0; batch < 5; batch += 1) await send(batch);
    const got = new Set<string>();
    for (let each = 0; each < 300 && got.size < 50; each += 1) {
      const { events = [] } = await logs
        .send(new FilterLogEventsCommand({ logGroupName: "/aws/lambda/worker", filterPattern: "got" }))
        .catch((error: Error) => {
          // Before the first call there is no log group.
          if (error.name !== "ResourceNotFoundException") throw error;
          return { events: [] };
        });
      for (const { message = "" } of events) {
        const body = /got (\d-\d)/.exec(message)?.[1];
        if (body !== undefined) got.add(body);
      }
      await sleep(50);
    }
    assert.equal(got.size, 50);
    for (let each = 0; each < 100; each += 1) {
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
      const left =
        Number(Attributes?.ApproximateNumberOfMessages) + Number(Attributes?.ApproximateNumberOfMessagesNotVisible);
      if (left === 0) return;
      await sleep(50);
    }
    assert.fail("handled messages are left in the queue");
  });

  await context.test("an event that fails ends in the queue for failures", async () => {
    const QueueUrl = await create("failed");
    await deploy(lambda, "fails", "export const handler = async () => { throw new Error('no'); };");
    await lambda.send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "fails",
        DestinationConfig: { OnFailure: { Destination: arnOf("failed") } },
      }),
    );
    const Payload = Buffer.from('{"order":7}');
    await lambda.send(new InvokeCommand({ FunctionName: "fails", InvocationType: "Event", Payload }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
    const record = JSON.parse(Messages?.[0]?.Body ?? "") as Record<string, unknown>;
    assert.deepEqual(record["requestPayload"], { order: 7 });
    assert.equal((record["requestContext"] as Record<string, unknown>)["approximateInvokeCount"], 3);
    assert.equal((record["responsePayload"] as Record<string, unknown>)["errorMessage"], "no");
  });
});
