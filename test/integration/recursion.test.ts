/** Functions that call themselves, through queues and directly: stopped after as many turns as on AWS. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateEventSourceMappingCommand,
  InvokeCommand,
  PutFunctionEventInvokeConfigCommand,
  PutFunctionRecursionConfigCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { lineageId } from "../../src/base/lineage.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

/** Sends what it got to where it came from, with the SDK and nothing else. */
const source = `
import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";
import { LambdaClient, InvokeCommand } from "@aws-sdk/client-lambda";
export const handler = async (event) => {
  if (event.queue !== undefined || event.Records !== undefined) {
    const QueueUrl = event.queue ?? event.Records[0].body;
    await new SQSClient().send(new SendMessageCommand({ QueueUrl, MessageBody: QueueUrl }));
    return;
  }
  if (event.again !== true) return process.env._X_AMZN_TRACE_ID;
  const FunctionName = process.env.AWS_LAMBDA_FUNCTION_NAME;
  await new LambdaClient().send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: JSON.stringify(event) }));
};`;

test("a function in a loop is stopped after 16 invocations, and the event is kept", async (context) => {
  const kiln = await startTestKiln(context, { KILN_FUNCTION_API: "on" });
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  context.after(() => sqs.destroy());
  const lambda = kiln.client();
  const arnOf = (name: string): string => `arn:aws:sqs:${region}:${accessKeyId}:${name}`;
  const create = async (QueueName: string, Attributes = {}): Promise<string> => {
    const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  const [dead, failed] = [await create("dead"), await create("failed")];
  const redrive = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 1 });
  const queue = await create("loop", { RedrivePolicy: redrive, VisibilityTimeout: "10" });
  const next = async (QueueUrl: string): Promise<string> => {
    for (;;) {
      const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      if (Messages?.[0]?.Body !== undefined) return Messages[0].Body;
    }
  };
  const counted = async (name: string, functionName: string): Promise<number> => {
    const text = await (await fetch(`${endpoint}/_kiln/metrics`)).text();
    const line = text.split("\n").find((each) => each.startsWith(`${name}{`) && each.includes(`"${functionName}"`));
    return Number(line?.split(" ").at(-1) ?? 0);
  };

  await context.test("through a queue: the message goes to its dead-letter queue", async () => {
    await deploy(lambda, "polled", source, { Timeout: 10 });
    await lambda.send(new CreateEventSourceMappingCommand({ FunctionName: "polled", EventSourceArn: arnOf("loop") }));
    await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: queue }));
    assert.equal(await next(dead), queue);
    assert.equal(await counted("kiln_invocations_total", "polled"), 16);
    assert.equal(await counted("kiln_recursive_invocations_dropped_total", "polled"), 1);
  });

  await context.test("through asynchronous calls of itself: the event goes to the destination", async () => {
    await deploy(lambda, "direct", source, { Timeout: 30 });
    const DestinationConfig = { OnFailure: { Destination: arnOf("failed") } };
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: "direct", DestinationConfig }));
    await lambda.send(
      new InvokeCommand({ FunctionName: "direct", InvocationType: "Event", Payload: Buffer.from('{"again":true}') }),
    );
    const record = JSON.parse(await next(failed)) as { requestContext: object; requestPayload: unknown };
    const { condition } = record.requestContext as { condition: string };
    assert.deepEqual([condition, record.requestPayload], ["RecursiveInvocation", { again: true }]);
    // The last one that ran may end after the one that was stopped.
    while ((await counted("kiln_invocations_total", "direct")) < 16) await sleep(20);
    assert.equal(await counted("kiln_invocations_total", "direct"), 16);
  });

  await context.test("a caller that waits gets AWS's error, unless the function may", async () => {
    const header = `Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:${lineageId({ account: accessKeyId, region }, "direct")}:15`;
    const traced = tracedBy(kiln.client(), header);
    await assert.rejects(call(traced, "direct", {}), {
      name: "RecursiveInvocationException",
      message: /^Lambda has detected your function being invoked in a recursive loop/,
    });
    await lambda.send(new PutFunctionRecursionConfigCommand({ FunctionName: "direct", RecursiveLoop: "Allow" }));
    assert.equal((await call(traced, "direct", {})).payload, header.replace(/15$/, "16"));
  });
});

function tracedBy(client: LambdaClient, header: string): LambdaClient {
  client.middlewareStack.add(
    (send) => (parameters) => {
      (parameters.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = header;
      return send(parameters);
    },
    { step: "build" },
  );
  return client;
}
