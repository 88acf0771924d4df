/**
 * kill -9 of the whole program while messages are sent to queues and mappings hand them to a function: every message that
 * was accepted is handled, and those of a FIFO queue in the order of their group. The function itself writes down what it
 * handles, by sending it to another queue before it answers.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { test } from "node:test";
import { CreateEventSourceMappingCommand } from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { deploy } from "../support/functions.ts";
import { startTestKiln, type TestKiln } from "../support/kiln.ts";

/** Of each of the two queues in the suite; a longer run is asked for in the environment. */
const MESSAGES = Number(process.env["KILN_TEST_MESSAGES"] ?? 600);
const KILLS = Number(process.env["KILN_TEST_KILLS"] ?? 3);
const GROUPS = 10;
const SENDERS = 8;

const source = `
import { SQSClient, SendMessageBatchCommand } from "@aws-sdk/client-sqs";
const client = new SQSClient({ maxAttempts: 1 });
const QueueUrl = process.env.AWS_ENDPOINT_URL + "/000000000000/handled";
export const handler = async ({ Records }) => {
  const Entries = Records.map(({ body }, index) => ({ Id: String(index), MessageBody: body }));
  const { Failed = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  if (Failed.length > 0) throw new Error("not written down");
};`;

function clientOf(kiln: TestKiln): SQSClient {
  const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  return new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
}

const urlOf = (kiln: TestKiln, name: string): string => `${kiln.endpoint().url}/000000000000/${name}`;

/** What one sender sends, until all of it is accepted. A message without an answer is sent again. */
class Line {
  accepted = 0;
  readonly #name: string;
  readonly #count: number;
  readonly #fifo: boolean;

  constructor(name: string, count: number, fifo: boolean) {
    this.#name = name;
    this.#count = count;
    this.#fifo = fifo;
  }

  get done(): boolean {
    return this.accepted >= this.#count;
  }

  async sendUntil(kiln: TestKiln, client: SQSClient, stopped: () => boolean): Promise<void> {
    const QueueUrl = urlOf(kiln, this.#fifo ? "work.fifo" : "work");
    while (!this.done && !stopped()) {
      const MessageBody = `${this.#name} ${this.accepted}`;
      const fifo = { MessageGroupId: this.#name, MessageDeduplicationId: MessageBody.replace(" ", "-") };
      try {
        await client.send(new SendMessageCommand({ QueueUrl, MessageBody, ...(this.#fifo ? fifo : {}) }));
        this.accepted += 1;
      } catch (error) {
        if (!stopped()) throw error;
      }
    }
  }
}

/** Takes what the function has written down, in its order, until `enough`. */
async function collect(kiln: TestKiln, into: string[], enough: () => boolean): Promise<void> {
  const client = clientOf(kiln);
  const QueueUrl = urlOf(kiln, "handled");
  const patience = Date.now() + 240_000;
  while (!enough() && Date.now() < patience) {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    if (Messages.length === 0) continue;
    into.push(...Messages.map(({ Body = "" }) => Body));
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  client.destroy();
}

/** What one call has at most: the default of a mapping's BatchSize. */
const BATCH = 10;

test(
  "every accepted message is handled, in the order of its group, however often Kiln is killed",
  {
    timeout: 600_000,
  },
  async (context) => {
    const kiln = await startTestKiln(context, { KILN_FUNCTION_API: "on", KILN_DRAIN_MS: "2000" });
    const setUp = clientOf(kiln);
    const Attributes = { VisibilityTimeout: "6" };
    await setUp.send(new CreateQueueCommand({ QueueName: "work", Attributes }));
    await setUp.send(
      new CreateQueueCommand({ QueueName: "work.fifo", Attributes: { ...Attributes, FifoQueue: "true" } }),
    );
    await setUp.send(new CreateQueueCommand({ QueueName: "handled" }));
    setUp.destroy();
    await deploy(kiln.client(), "work", source, { Timeout: 6, MemorySize: 512 });
    for (const name of ["work", "work.fifo"]) {
      const EventSourceArn = `arn:aws:sqs:us-east-1:000000000000:${name}`;
      await kiln.client().send(new CreateEventSourceMappingCommand({ FunctionName: "work", EventSourceArn }));
    }
    const lines = [
      ...Array.from({ length: SENDERS }, (_, n) => new Line(`s${n}`, Math.ceil(MESSAGES / SENDERS), false)),
      ...Array.from({ length: GROUPS }, (_, n) => new Line(`g${n}`, Math.ceil(MESSAGES / GROUPS), true)),
    ];
    for (let round = 0; round <= KILLS; round += 1) {
      const client = clientOf(kiln);
      let killed = false;
      const sending = Promise.all(lines.map((line) => line.sendUntil(kiln, client, () => killed)));
      if (round === KILLS) await sending;
      else {
        await sleep(500 + Math.random() * 2500);
        killed = true;
        await kiln.kill();
        await sending;
        await kiln.start();
      }
      client.destroy();
    }

    const accepted = lines.reduce((sum, line) => sum + line.accepted, 0);
    const handled: string[] = [];
    await collect(kiln, handled, () => new Set(handled).size >= accepted);
    const seen = new Set(handled);
    for (const line of lines) assert.ok(line.done);
    assert.ok(seen.size >= accepted, `${accepted - seen.size} of ${accepted} accepted messages were never handled`);
    // A kill between a batch and its deletion brings the whole batch back, in its order: what is new never skips one.
    const furthest = new Map<string, number>();
    for (const body of handled) {
      const [group = "", number = ""] = body.split(" ");
      if (!group.startsWith("g")) continue;
      const before = furthest.get(group) ?? 0;
      assert.ok(Number(number) > before - BATCH && Number(number) <= before + 1, `${body} came after ${before}`);
      furthest.set(group, Math.max(before, Number(number)));
    }
    assert.equal(furthest.size, GROUPS);
    context.diagnostic(`${accepted} messages accepted, ${handled.length - seen.size} handled more than once`);
  },
);
