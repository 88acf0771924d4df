/** SQS in its older protocol: Debian's AWS CLI, which knows no other, and forms that are posted to a queue's URL. */
import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { describe, it } from "node:test";
import { run } from "../support/kiln.ts";
import { arn, startSqs, type TestSqs } from "./support.ts";

type Json = Record<string, unknown>;

const aws = "/usr/bin/aws";

/** `aws sqs …`; its answer, or its error. */
function cli({ url }: TestSqs): (...parameters: string[]) => Promise<Json> {
  const environment = {
    AWS_ACCESS_KEY_ID: "000000000000",
    AWS_SECRET_ACCESS_KEY: "any",
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_MAX_ATTEMPTS: "1",
  };
  return async (...parameters) => {
    const { status, stdout, stderr } = await run(
      aws,
      ["--endpoint-url", url, "--output", "json", "sqs", ...parameters],
      environment,
    );
    if (status !== 0) throw new Error(stderr);
    return stdout.trim() === "" ? {} : (JSON.parse(stdout) as Json);
  };
}

async function post(url: string, form: Record<string, string>): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, text: await response.text() };
}

const one = (value: unknown): Json => (value as Json[])[0] ?? {};

describe("the query protocol of SQS", () => {
  it("serves Debian's AWS CLI", async (t) => {
    await access(aws);
    const sqs = await startSqs(t);
    const call = cli(sqs);
    const settings = ["--attributes", "VisibilityTimeout=7,DelaySeconds=0", "--tags", "team=blue,cost=1 & 2"];
    const { QueueUrl } = await call("create-queue", "--queue-name", "q", ...settings);
    assert.equal(QueueUrl, `${sqs.url}/000000000000/q`);
    const queue = ["--queue-url", QueueUrl];
    assert.deepEqual(await call("list-queue-tags", ...queue), { Tags: { team: "blue", cost: "1 & 2" } });
    await call("tag-queue", ...queue, "--tags", "more=yes");
    await call("untag-queue", ...queue, "--tag-keys", "team", "cost");
    assert.deepEqual(await call("list-queue-tags", ...queue), { Tags: { more: "yes" } });
    await call("set-queue-attributes", ...queue, "--attributes", "VisibilityTimeout=0");
    assert.deepEqual(
      await call("get-queue-attributes", ...queue, "--attribute-names", "VisibilityTimeout", "QueueArn"),
      {
        Attributes: { VisibilityTimeout: "0", QueueArn: arn("q") },
      },
    );
    assert.deepEqual(await call("list-queues", "--queue-name-prefix", "q"), { QueueUrls: [QueueUrl] });

    const attributes = {
      text: { DataType: "String", StringValue: '<ä> & "b"' },
      bytes: { DataType: "Binary", BinaryValue: Buffer.from([0, 255, 10]).toString("base64") },
    };
    const body = "line\n<two> & \u{1F600}";
    const withAttributes = ["--message-body", body, "--message-attributes", JSON.stringify(attributes)];
    const sent = await call("send-message", ...queue, ...withAttributes);
    const system = ["--attribute-names", "SentTimestamp", "ApproximateReceiveCount"];
    const own = ["--message-attribute-names", "text", "bytes"];
    const received = one((await call("receive-message", ...queue, ...system, ...own))["Messages"]);
    assert.equal(received["MessageId"], sent["MessageId"]);
    assert.equal(received["Body"], body);
    assert.equal(received["MD5OfBody"], sent["MD5OfMessageBody"]);
    assert.equal(received["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"]);
    assert.deepEqual(received["MessageAttributes"], attributes);
    assert.deepEqual(Object.keys(received["Attributes"] as Json).toSorted(), [
      "ApproximateReceiveCount",
      "SentTimestamp",
    ]);
    const handle = String(received["ReceiptHandle"]);
    const visibility = ["--receipt-handle", handle, "--visibility-timeout", "30"];
    await call("change-message-visibility", ...queue, ...visibility);
    await call("delete-message", ...queue, "--receipt-handle", handle);

    const entries = [
      { Id: "a", MessageBody: "1", MessageAttributes: { n: { DataType: "Number", StringValue: "4" } } },
      { Id: "b", MessageBody: "2", DelaySeconds: 1000 },
    ];
    const batch = await call("send-message-batch", ...queue, "--entries", JSON.stringify(entries));
    assert.equal(one(batch["Successful"])["Id"], "a");
    assert.deepEqual([one(batch["Failed"])["Id"], one(batch["Failed"])["SenderFault"]], ["b", true]);
    const again = one((await call("receive-message", ...queue, "--max-number-of-messages", "10"))["Messages"]);
    const deleted = JSON.stringify([{ Id: "x", ReceiptHandle: again["ReceiptHandle"] }]);
    assert.deepEqual((await call("delete-message-batch", ...queue, "--entries", deleted))["Successful"], [{ Id: "x" }]);

    const grant = ["--label", "all", "--aws-account-ids", "111122223333", "--actions", "SendMessage", "ReceiveMessage"];
    await call("add-permission", ...queue, ...grant);
    const { Attributes } = await call("get-queue-attributes", ...queue, "--attribute-names", "Policy");
    assert.deepEqual(one((JSON.parse((Attributes as Json)["Policy"] as string) as Json)["Statement"])["Action"], [
      "SQS:SendMessage",
      "SQS:ReceiveMessage",
    ]);
    await call("purge-queue", ...queue);
    await call("delete-queue", ...queue);
    await assert.rejects(call("get-queue-url", "--queue-name", "q"), /\(AWS\.SimpleQueueService\.NonExistentQueue\)/);
    await assert.rejects(call("create-queue", "--queue-name", "not a name"), /\(InvalidParameterValue\)/);
  });

  it("takes forms at the URL of a queue, which stands for its parameter", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("forms");
    const sent = await post(QueueUrl, { Action: "SendMessage", MessageBody: "a\rb", Version: "2012-11-05" });
    assert.equal(sent.status, 200);
    assert.match(
      sent.text,
      /^<SendMessageResponse xmlns="http:\/\/queue\.amazonaws\.com\/doc\/2012-11-05\/"><SendMessageResult>/,
    );
    const received = await fetch(`${QueueUrl}?Action=ReceiveMessage&AttributeName.1=All`);
    const text = await received.text();
    assert.match(text, /<Body>a&#xD;b<\/Body><Attribute><Name>\w+<\/Name><Value>[^<]*<\/Value><\/Attribute>/);
    const handle = /<ReceiptHandle>([^<]+)</.exec(text)?.[1] ?? "";
    const deleted = await post(QueueUrl, { Action: "DeleteMessage", ReceiptHandle: handle });
    assert.match(deleted.text, /^<DeleteMessageResponse xmlns="[^"]+"><ResponseMetadata><RequestId>/);
  });

  it("answers errors as XML with the codes of the protocol", async (t) => {
    const sqs = await startSqs(t);
    const QueueUrl = await sqs.queue("errors");
    const cases: [form: Record<string, string>, url: string, code: string][] = [
      [{ Action: "SendMessage" }, QueueUrl, "MissingParameter"],
      [
        { Action: "SendMessage", MessageBody: "a" },
        `${sqs.url}/000000000000/gone`,
        "AWS.SimpleQueueService.NonExistentQueue",
      ],
      [{ Action: "SendMessageBatch" }, QueueUrl, "AWS.SimpleQueueService.EmptyBatchRequest"],
      [{ Action: "DeleteMessage", ReceiptHandle: "x" }, QueueUrl, "ReceiptHandleIsInvalid"],
      [{ Action: "Nothing" }, QueueUrl, "InvalidAction"],
      [{ Action: "ListQueues", Version: "1999-01-01" }, QueueUrl, "InvalidAction"],
      [{ Action: "SendMessage", MessageBody: "a", DelaySeconds: "soon" }, QueueUrl, "MalformedInput"],
      [{ Action: "TagQueue", "Tag.1.Key": "a" }, QueueUrl, "MalformedInput"],
    ];
    for (const [form, url, code] of cases) {
      const { status, text } = await post(url, form);
      assert.equal(status, code === "ReceiptHandleIsInvalid" ? 404 : 400, text);
      assert.match(
        text,
        /^<ErrorResponse xmlns="http:\/\/queue\.amazonaws\.com\/doc\/2012-11-05\/"><Error><Type>Sender</,
      );
      assert.equal(/<Code>([^<]+)</.exec(text)?.[1], code, text);
    }
  });
});
