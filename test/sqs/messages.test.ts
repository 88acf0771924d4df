/** Messages of queues, as AWS's client sends, receives and checks them. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it } from "node:test";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type Message,
  type ReceiveMessageCommandInput,
  type SQSServiceException,
} from "@aws-sdk/client-sqs";
import { arn, startSqs, type TestSqs } from "./support.ts";

async function receive(
  { client }: TestSqs,
  QueueUrl: string,
  more: Partial<ReceiveMessageCommandInput> = {},
): Promise<Message[]> {
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ["All" as const], ...more };
  return (await client.send(new ReceiveMessageCommand(input))).Messages ?? [];
}

describe("messages", () => {
  it("come as they were sent, with checksums that the client checks", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q");
    assert.equal(QueueUrl, `${sqs.url}/000000000000/q`);
    const sent = await sqs.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "grüße ✓",
        MessageAttributes: {
          text: { DataType: "String", StringValue: "väl" },
          count: { DataType: "Number.int", StringValue: "-1.5e3" },
          bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255, 1]) },
        },
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-2-3" } },
      }),
    );
    assert.match(sent.MessageId ?? "", /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.ok(sent.MD5OfMessageAttributes !== undefined && sent.MD5OfMessageSystemAttributes !== undefined);
    assert.equal(sent.SequenceNumber, undefined);
    const [message, ...others] = await receive(sqs, QueueUrl, { MessageAttributeNames: ["All"] });
    assert.deepEqual(others, []);
    assert.equal(message?.Body, "grüße ✓");
    assert.equal(message.MessageId, sent.MessageId);
    assert.equal(message.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    assert.equal(message.MessageAttributes?.["count"]?.StringValue, "-1.5e3");
    assert.deepEqual(Buffer.from(message.MessageAttributes?.["bytes"]?.BinaryValue ?? []), Buffer.from([0, 255, 1]));
    assert.equal(message.Attributes?.AWSTraceHeader, "Root=1-2-3");
    assert.equal(message.Attributes?.ApproximateReceiveCount, "1");
    assert.ok(Number(message.Attributes?.SentTimestamp) > 0);
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    await sqs.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    sqs.pass(60_000);
    assert.deepEqual(await receive(sqs, QueueUrl), []);
  });

  it("show the attributes that are asked for", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q", { VisibilityTimeout: "0" });
    const value = { DataType: "String", StringValue: "v" };
    await sqs.client.send(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: "m",
        MessageAttributes: { "a.b": value, "a.c": value, d: value },
      }),
    );
    const names = async (MessageAttributeNames: string[]): Promise<string[]> => {
      const [message] = await receive(sqs, QueueUrl, { MessageAttributeNames });
      return Object.keys(message?.MessageAttributes ?? {}).toSorted();
    };
    assert.deepEqual(await names([]), []);
    assert.deepEqual(await names(["a.*"]), ["a.b", "a.c"]);
    assert.deepEqual(await names(["d", "x"]), ["d"]);
    assert.deepEqual(await names([".*"]), ["a.b", "a.c", "d"]);
  });

  it("are hidden for their visibility timeout, which can be changed", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q", { VisibilityTimeout: "10" });
    await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
    const [first] = await receive(sqs, QueueUrl);
    const change = (ReceiptHandle: string | undefined, VisibilityTimeout: number) =>
      sqs.client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    await change(first?.ReceiptHandle, 100);
    sqs.pass(50_000);
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    await change(first?.ReceiptHandle, 0);
    const [second] = await receive(sqs, QueueUrl);
    assert.equal(second?.Attributes?.ApproximateReceiveCount, "2");
    assert.equal(
      second.Attributes.ApproximateFirstReceiveTimestamp,
      first?.Attributes?.ApproximateFirstReceiveTimestamp,
    );
    await assert.rejects(change(first?.ReceiptHandle, 10), { name: "MessageNotInflight" });
    await assert.rejects(change("nonsense", 10), { name: "ReceiptHandleIsInvalid" });
    await assert.rejects(change(second.ReceiptHandle, 43_201), (error: SQSServiceException) =>
      error.message.includes("Total VisibilityTimeout for the message is beyond the limit"),
    );
    // Deleting with a receipt that is not the latest is no error, and deletes nothing.
    await sqs.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));
    sqs.pass(20_000);
    assert.equal((await receive(sqs, QueueUrl)).length, 1);
  });

  it("wait for their delay, and receivers wait for them", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q", { DelaySeconds: "1" });
    await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "later" }));
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    assert.equal((await receive(sqs, QueueUrl, { WaitTimeSeconds: 10 }))[0]?.Body, "later");
    const waiting = receive(sqs, QueueUrl, { WaitTimeSeconds: 10 });
    await sleep(50);
    await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "now", DelaySeconds: 0 }));
    assert.equal((await waiting)[0]?.Body, "now");
  });

  it("are batched, each with an answer of its own", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q");
    const Entries = ["a", "b", "c"].map((Id) => ({ Id, MessageBody: Id === "b" ? "\u0000" : Id }));
    const sent = await sqs.client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    assert.deepEqual(
      sent.Successful?.map(({ Id }) => Id),
      ["a", "c"],
    );
    assert.deepEqual(
      sent.Failed?.map(({ Id, Code, SenderFault }) => ({ Id, Code, SenderFault })),
      [{ Id: "b", Code: "InvalidMessageContents", SenderFault: true }],
    );
    const messages = await receive(sqs, QueueUrl);
    assert.deepEqual(
      messages.map(({ Body }) => Body),
      ["a", "c"],
    );
    const handles = messages.map(({ ReceiptHandle, Body }) => ({ Id: Body ?? "", ReceiptHandle }));
    await sqs.client.send(
      new ChangeMessageVisibilityBatchCommand({
        QueueUrl,
        Entries: handles.map((entry) => ({ ...entry, VisibilityTimeout: 0 })),
      }),
    );
    const again = await receive(sqs, QueueUrl);
    const deleted = await sqs.client.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: [
          ...again.map(({ ReceiptHandle, Body }) => ({ Id: Body ?? "", ReceiptHandle })),
          { Id: "bad", ReceiptHandle: "x" },
        ],
      }),
    );
    assert.equal(deleted.Successful?.length, 2);
    assert.equal(deleted.Failed?.[0]?.Code, "ReceiptHandleIsInvalid");
    const send = (entries: { Id: string; MessageBody: string }[]) =>
      sqs.client.send(new SendMessageBatchCommand({ QueueUrl, Entries: entries }));
    await assert.rejects(send([]), { name: "EmptyBatchRequest" });
    await assert.rejects(send([Entries[0], Entries[0]].flatMap((entry) => entry ?? [])), {
      name: "BatchEntryIdsNotDistinct",
    });
    await assert.rejects(send([{ Id: "a b", MessageBody: "m" }]), { name: "InvalidBatchEntryId" });
    await assert.rejects(send(Array.from({ length: 11 }, (_, index) => ({ Id: `i${index}`, MessageBody: "m" }))), {
      name: "TooManyEntriesInBatchRequest",
    });
    const big = "x".repeat(600_000);
    await assert.rejects(
      send([
        { Id: "a", MessageBody: big },
        { Id: "b", MessageBody: big },
      ]),
      {
        name: "BatchRequestTooLong",
      },
    );
  });

  it("that are wrong are refused in SQS's words", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q", { MaximumMessageSize: "1024" });
    const send = (more: object) => sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "m", ...more }));
    const refused = (more: object, message: RegExp) =>
      assert.rejects(send(more), (error: Error) => message.test(error.message));
    await refused(
      { MessageBody: "x".repeat(1025) },
      /^One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes\.$/,
    );
    await refused({ MessageBody: "" }, /^The request must contain the parameter MessageBody\.$/);
    await refused({ MessageBody: "\u0001" }, /^Invalid characters found/);
    await refused({ DelaySeconds: 901 }, /^Value 901 for parameter DelaySeconds is invalid\. Reason: /);
    await refused({ MessageDeduplicationId: "d" }, /not valid for this queue type/);
    for (const attribute of [
      { DataType: "Text", StringValue: "v" },
      { DataType: "String" },
      { DataType: "Number", StringValue: "one" },
    ]) {
      await refused({ MessageAttributes: { a: attribute } }, /attribute 'a'/);
    }
    await refused({ MessageAttributes: { "aws.a": { DataType: "String", StringValue: "v" } } }, /attribute name/);
    await refused({ QueueUrl: `${sqs.url}/000000000000/nowhere` }, /^The specified queue does not exist\.$/);
    await refused({ QueueUrl: "nonsense" }, /^The address nonsense is not valid for this endpoint\.$/);
    await assert.rejects(send({ QueueUrl: `${sqs.url}/000000000000/nowhere` }), { name: "QueueDoesNotExist" });
    await assert.rejects(receive(sqs, QueueUrl, { MaxNumberOfMessages: 11 }), /MaxNumberOfMessages is invalid/);
  });
});

/** Into a FIFO queue. */
function sendTo(sqs: TestSqs, QueueUrl: string, MessageBody: string, MessageGroupId: string, id?: string) {
  return sqs.client.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody,
      MessageGroupId,
      ...(id === undefined ? {} : { MessageDeduplicationId: id }),
    }),
  );
}

describe("FIFO queues", () => {
  it("keep the order of each group, and give no more of it before what they gave is gone", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
    const numbers: string[] = [];
    for (const [body, group] of [
      ["a1", "a"],
      ["b1", "b"],
      ["a2", "a"],
      ["a3", "a"],
    ] as const) {
      const { SequenceNumber = "" } = await sendTo(sqs, QueueUrl, body, group);
      assert.match(SequenceNumber, /^\d{20}$/);
      numbers.push(SequenceNumber);
    }
    assert.deepEqual(numbers, numbers.toSorted());
    const first = await receive(sqs, QueueUrl);
    assert.deepEqual(first.map(({ Body }) => Body ?? "").toSorted(), ["a1", "a2", "a3", "b1"]);
    assert.equal(first[0]?.Attributes?.MessageGroupId, "a");
    assert.equal(first[0].Attributes.SequenceNumber, numbers[0]);
    await sendTo(sqs, QueueUrl, "a4", "a");
    const waiting = receive(sqs, QueueUrl, { WaitTimeSeconds: 10 });
    await sleep(50);
    for (const { ReceiptHandle, Attributes } of first) {
      if (Attributes?.MessageGroupId !== "a") continue;
      await sqs.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
    assert.deepEqual(
      (await waiting).map(({ Body }) => Body),
      ["a4"],
    );
  });

  it("take a message once in five minutes", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q.fifo", { FifoQueue: "true" });
    const first = await sendTo(sqs, QueueUrl, "m", "g", "d");
    const second = await sendTo(sqs, QueueUrl, "other", "g", "d");
    assert.deepEqual([second.MessageId, second.SequenceNumber], [first.MessageId, first.SequenceNumber]);
    await assert.rejects(
      sendTo(sqs, QueueUrl, "m", "g"),
      /ContentBasedDeduplication enabled or MessageDeduplicationId/,
    );
    sqs.pass(5 * 60_000 + 1000);
    const third = await sendTo(sqs, QueueUrl, "third", "g", "d");
    assert.notEqual(third.MessageId, first.MessageId);
    await assert.rejects(
      sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" })),
      /must contain the parameter MessageGroupId/,
    );
  });
});

describe("dead-letter queues", () => {
  it("get what was received too often, with its id and where it comes from", async (t) => {
    const sqs = await startSqs(t);
    const dead = await sqs.queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn("dead"), maxReceiveCount: 2 });
    const QueueUrl = await sqs.queue("q", { RedrivePolicy, VisibilityTimeout: "0" });
    const { MessageId } = await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "poison" }));
    assert.equal((await receive(sqs, QueueUrl)).length, 1);
    assert.equal((await receive(sqs, QueueUrl)).length, 1);
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    const [message] = await receive(sqs, dead);
    assert.equal(message?.Body, "poison");
    assert.equal(message.MessageId, MessageId);
    assert.equal(message.Attributes?.DeadLetterQueueSourceArn, arn("q"));
    assert.equal(message.Attributes?.ApproximateReceiveCount, "1");
  });

  it("forget what is older than their retention", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("q", { MessageRetentionPeriod: "60" });
    await sqs.client.send(new SendMessageCommand({ QueueUrl, MessageBody: "old" }));
    sqs.pass(61_000);
    assert.deepEqual(await receive(sqs, QueueUrl), []);
    const { Attributes } = await sqs.client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    assert.equal(Attributes?.ApproximateNumberOfMessages, "0");
  });
});
