/**
 * Kiln itself is killed at each phase of an environment's life and started again: who waited for an answer hears of the
 * end, concurrency is free, what is provisioned comes back, no accepted event is lost, and nothing is left on the host.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvokeCommand, PutFunctionEventInvokeConfigCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { tracesOf } from "../isolation/traces.ts";
import { leftovers } from "../support/kiln.ts";
import { lettingGo, named, until } from "./held.ts";
import { answersNext, phases } from "./phases.ts";
import { openStage, type Stage } from "./stage.ts";

async function accepted(client: LambdaClient, FunctionName: string, event: object): Promise<void> {
  const Payload = JSON.stringify(event);
  const { StatusCode } = await client.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
  assert.equal(StatusCode, 202);
}

/** Deploys a function whose events, once they are done, leave a record in the queue `done`. */
async function deployRecorded(stage: Stage, FunctionName: string): Promise<void> {
  await stage.deploy(FunctionName);
  const OnSuccess = { Destination: "arn:aws:sqs:us-east-1:000000000000:done" };
  const config = { FunctionName, DestinationConfig: { OnSuccess } };
  await stage.client().send(new PutFunctionEventInvokeConfigCommand(config));
}

async function withQueues<T>({ kiln }: Stage, work: (client: SQSClient) => Promise<T>): Promise<T> {
  const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const client = new SQSClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey } });
  try {
    return await work(client);
  } finally {
    client.destroy();
  }
}

/** Ids of events that are recorded as done; each record is read once. */
async function takeDone(stage: Stage, QueueUrl: string): Promise<string[]> {
  return withQueues(stage, async (client) => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (Messages.length === 0) return [];
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages.map(({ Body = "" }) => (JSON.parse(Body) as { requestPayload: { id: string } }).requestPayload.id);
  });
}

test("a Kiln that is killed", { timeout: 300_000 }, async (context) => {
  const stage = await openStage(context);
  for (const { name, settings } of phases) await stage.deploy(name, settings?.(stage));
  const queue = (): string => `${stage.kiln.endpoint().url}/000000000000/done`;
  await withQueues(stage, (client) => client.send(new CreateQueueCommand({ QueueName: "done" })));
  await deployRecorded(stage, "event");
  await deployRecorded(stage, "events");

  async function again(): Promise<void> {
    await stage.kiln.kill();
    await stage.kiln.start();
    // An OCI runtime that has outlived Kiln may go on when the next one is there.
    stage.letJailsGo();
  }

  // It is held when it is run again, which is after some time: it goes on beside the others.
  await context.test("an event that is run", async () => {
    await accepted(stage.client(), "event", { id: "held", hold: "call" });
    await until("the event", () => named(stage.instance, "held-call"));
    await again();
  });

  for (const phase of phases) {
    const { name } = phase;
    await context.test(name, async () => {
      const { victims, call, made = "first" } = await phase.reach(stage, name);
      assert.ok(victims.length > 0);
      await accepted(stage.client(), "events", { id: name });
      await again();
      const outcome = await call;
      if (outcome !== undefined && name !== "answered")
        assert.equal(typeof outcome.refused, "string", JSON.stringify(outcome));
      assert.deepEqual(
        stage.pids().filter((pid) => victims.includes(pid)),
        [],
      );
      await lettingGo(stage.instance, answersNext(stage, phase, made));
    });
  }

  await context.test("every accepted event is handled", async () => {
    const open = new Set(["held", ...phases.map(({ name }) => name)]);
    const handled = until("all events", async () => {
      for (const id of await takeDone(stage, queue())) open.delete(id);
      return open.size === 0 ? [true] : [];
    });
    await lettingGo(stage.instance, handled);
  });
  await stage.kiln.stop();
  assert.deepEqual([...tracesOf(stage.instance), ...leftovers(stage.kiln.state)], []);
});
