/** A Kinesis stream with the real program: a function that it feeds, kill -9, a server that goes, and a failure's destination. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  UpdateEventSourceMappingCommand,
  type EventSourceMappingConfiguration,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { deploy } from "../support/functions.ts";
import { startKinesis } from "../support/kinesalite.ts";
import { startTestKiln } from "../support/kiln.ts";

const source = `export const handler = async ({ Records }) => {
  for (const { kinesis } of Records) {
    const text = Buffer.from(kinesis.data, "base64").toString();
    if (text === "bad") throw new Error("bad");
    console.log("got " + text);
  }
};`;

const numbers = (from: number): { key: string; data: string }[] =>
  Array.from({ length: 20 }, (_, index) => ({ key: `k${index}`, data: `n${from + index}` }));

test("a Kinesis stream feeds its function", async (context) => {
  const kinesis = await startKinesis(context);
  const arn = await kinesis.create("orders", 2);
  const kiln = await startTestKiln(context, { KILN_KINESIS_ENDPOINT: kinesis.endpoint });
  await deploy(kiln.client(), "worker", source);

  /** Talks to the Kiln that runs at the moment. */
  async function got(): Promise<string[]> {
    const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const logs = new CloudWatchLogsClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
    try {
      const wanted = { logGroupName: "/aws/lambda/worker", filterPattern: "got" };
      const { events = [] } = await logs.send(new FilterLogEventsCommand(wanted));
      return events.flatMap(({ message = "" }) => /got (\S+)/.exec(message)?.[1] ?? []);
    } catch (error) {
      // The first call makes the group.
      if (error instanceof Error && error.name === "ResourceNotFoundException") return [];
      throw error;
    } finally {
      logs.destroy();
    }
  }
  async function until(what: () => Promise<boolean>): Promise<void> {
    for (let each = 0; each < 600; each += 1) {
      if (await what()) return;
      await sleep(50);
    }
    assert.fail(`It did not come to pass: ${what.toString()}\n${kiln.output()}`);
  }
  const distinct = async (): Promise<number> => new Set(await got()).size;

  const made = await kiln.client().send(
    new CreateEventSourceMappingCommand({
      FunctionName: "worker",
      EventSourceArn: arn,
      StartingPosition: "TRIM_HORIZON",
    }),
  );
  const { UUID } = made;
  const shown = (): Promise<EventSourceMappingConfiguration> =>
    kiln.client().send(new GetEventSourceMappingCommand({ UUID }));
  assert.equal(made.State, "Creating");
  assert.equal((await shown()).State, "Enabled");
  await assert.rejects(
    kiln.client().send(
      new CreateEventSourceMappingCommand({
        FunctionName: "worker",
        EventSourceArn: arn.replace("orders", "nowhere"),
        StartingPosition: "LATEST",
      }),
    ),
    { name: "InvalidParameterValueException", message: /^Stream not found: arn:aws:kinesis:/ },
  );
  await kinesis.put("orders", numbers(0));
  await until(async () => (await distinct()) === 20);
  await until(async () => (await shown()).LastProcessingResult === "OK");

  // The checkpoint was written before the next batch: what was handled then is not handled again.
  await kiln.kill();
  await kinesis.put("orders", numbers(100));
  await kiln.start();
  assert.equal((await shown()).LastProcessingResult, "OK");
  await until(async () => (await distinct()) === 40);
  assert.deepEqual((await got()).length, 40);

  await kinesis.stop();
  await until(async () => (await shown()).LastProcessingResult?.startsWith("PROBLEM: Connection error.") === true);
  await kinesis.restart();
  await kinesis.put("orders", numbers(200));
  await until(async () => (await distinct()) === 60);
  await until(async () => (await shown()).LastProcessingResult === "OK");

  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  context.after(() => sqs.destroy());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "failed" }));
  await kiln.client().send(
    new UpdateEventSourceMappingCommand({
      UUID,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: "arn:aws:sqs:us-east-1:000000000000:failed" } },
    }),
  );
  await kinesis.put("orders", [{ key: "a", data: "bad" }]);
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  const record = JSON.parse(Messages?.[0]?.Body ?? "") as {
    requestContext: { condition: string };
    KinesisBatchInfo: { batchSize: number };
  };
  assert.equal(record.requestContext.condition, "RetryAttemptsExhausted");
  assert.equal(record.KinesisBatchInfo.batchSize, 1);
  assert.equal((await shown()).LastProcessingResult, "PROBLEM: Function call failed");
  await kiln.client().send(new DeleteEventSourceMappingCommand({ UUID }));
});
