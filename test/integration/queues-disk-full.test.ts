/** The disk of the state directory gets full: what is sent then is refused, what was accepted is handled when there is room. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, open, rm, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { InvokeCommand, PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

const MIB = 1024 * 1024;

/** A file system of its own in a file. */
async function smallDisk(bytes: number): Promise<{ disk: string; remove: () => Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), "kiln-small-disk-"));
  const [image, disk] = [join(dir, "image"), join(dir, "disk")];
  const file = await open(image, "w");
  await file.truncate(bytes);
  await file.close();
  await mkdir(disk);
  execFileSync("mkfs.ext4", ["-q", "-m", "0", image]);
  execFileSync("mount", ["-o", "loop", image, disk]);
  const remove = async (): Promise<void> => {
    execFileSync("umount", [disk]);
    await rm(dir, { recursive: true });
  };
  return { disk, remove };
}

const inRecord = (body: string): number =>
  (JSON.parse(body) as { requestPayload: { number: number } }).requestPayload.number;

interface Refusal {
  name: string;
  message: string;
  $metadata: { httpStatusCode?: number };
}

/** Sends until it is refused; gives the refusal. */
async function untilRefused(send: (number: number) => Promise<unknown>): Promise<Refusal> {
  for (let number = 0; number < 1000; number += 1) {
    try {
      await send(number);
    } catch (error) {
      return error as Refusal;
    }
  }
  return assert.fail("the disk was never full");
}

test(
  "a full disk refuses what is sent, loses nothing, and is forgotten when there is room",
  {
    timeout: 300_000,
  },
  async (context) => {
    const { disk, remove } = await smallDisk(192 * MIB);
    // Its end comes first: what the test is done with is given back in this order.
    const kiln = await startTestKiln(context, {}, disk).finally(() => context.after(remove));
    const { url: endpoint, region, accessKeyId, secretAccessKey } = kiln.endpoint();
    const sqs = new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 });
    context.after(() => sqs.destroy());
    const queueOf = async (QueueName: string): Promise<string> =>
      (await sqs.send(new CreateQueueCommand({ QueueName }))).QueueUrl ?? "";
    const [kept, handled] = [await queueOf("kept"), await queueOf("handled")];
    await deploy(kiln.client(), "f", "export const handler = async ({ number }) => number;");
    await kiln.client().send(
      new PutFunctionEventInvokeConfigCommand({
        FunctionName: "f",
        DestinationConfig: { OnSuccess: { Destination: "arn:aws:sqs:us-east-1:000000000000:handled" } },
      }),
    );

    // All but a little, so that it gets full on the way.
    const { bavail, bsize } = await statfs(disk);
    const ballast = join(disk, "ballast");
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 6 * MIB));
    const filler = "x".repeat(100_000);
    const messages = new Set<number>();
    const events = new Set<number>();
    const sendMessage = async (number: number): Promise<void> => {
      await sqs.send(new SendMessageCommand({ QueueUrl: kept, MessageBody: `${number} ${filler}` }));
      messages.add(number);
    };
    const sendEvent = async (number: number): Promise<void> => {
      const Payload = Buffer.from(JSON.stringify({ number, filler }));
      await kiln.client().send(new InvokeCommand({ FunctionName: "f", InvocationType: "Event", Payload }));
      events.add(number);
    };
    for (const number of [1001, 1002, 1003]) await sendEvent(number);
    const message = await untilRefused(sendMessage);
    assert.deepEqual([message.name, message.$metadata.httpStatusCode], ["InternalFailure", 500]);
    assert.match(message.message, /^Kiln's disk is full: nothing of this request was kept/);
    const event = await untilRefused(sendEvent);
    assert.deepEqual([event.name, event.$metadata.httpStatusCode], ["ServiceException", 500]);
    assert.match(event.message, /^Kiln's disk is full/);
    assert.ok(messages.size > 0);
    assert.equal((await fetch(`${endpoint}/_kiln/health`)).status, 200);

    await rm(ballast);
    await sendMessage(2000);
    await sendEvent(2000);
    const numbersIn = async (QueueUrl: string, wanted: number, numberOf: (body: string) => number) => {
      const found = new Set<number>();
      for (const patience = Date.now() + 120_000; found.size < wanted && Date.now() < patience;) {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 1, WaitTimeSeconds: 2 }),
        );
        for (const { Body = "", ReceiptHandle } of Messages) {
          found.add(numberOf(Body));
          await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }
      }
      return found;
    };
    assert.deepEqual(await numbersIn(kept, messages.size, (body) => Number(body.split(" ")[0])), messages);
    const ran = await numbersIn(handled, events.size, inRecord);
    assert.deepEqual(
      [...events].filter((number) => !ran.has(number)),
      [],
    );
    context.diagnostic(`${messages.size} messages and ${events.size} events were accepted around a full disk`);
  },
);
