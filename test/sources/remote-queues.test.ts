/** Mappings of queues on servers that others wrote: ElasticMQ and moto. */
import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, it, type TestContext } from "node:test";
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
  type SendMessageCommandInput,
} from "@aws-sdk/client-sqs";
import { createQueues } from "../../src/queues/queues.ts";
import { SOURCE_CHANNEL, type SourceCounts, type SourceEvent } from "../../src/sources/contract.ts";
import { checkQueue } from "../../src/sources/sqs/check.ts";
import { ownQueues } from "../../src/sources/sqs/own.ts";
import { sqsSource } from "../../src/sources/sqs/poller.ts";
import { remoteQueues } from "../../src/sources/sqs/remote.ts";
import { startMoto } from "../support/moto.ts";
import { startServer, type ServerProcess } from "../support/server-process.ts";
import { elasticmq, withoutElasticmq } from "../../tools/elasticmq.ts";
import { withoutMoto } from "../../tools/moto.ts";
import { sourceBench, until, type SourceBench } from "./bench.ts";

interface Batch {
  Records: { messageId: string; body: string; [member: string]: unknown }[];
}

const servers = [
  {
    name: "ElasticMQ",
    without: await withoutElasticmq(),
    account: "000000000000",
    keepsOrder: true,
    start: async (t: TestContext) =>
      startServer(t, { command: await elasticmq(), port: (port: number) => [String(port)] }),
  },
  // It lets a group go on when the first of its messages is deleted, while others are still in flight.
  { name: "moto", without: await withoutMoto(), account: "123456789012", keepsOrder: false, start: startMoto },
];

for (const { name, without, account, keepsOrder, start } of servers) {
  const arnOf = (queue: string): string => `arn:aws:sqs:us-east-1:${account}:${queue}`;

  describe(`queues of ${name}`, { skip: without ?? false }, () => {
    it("feed functions, in standard and FIFO queues, and again after the server was away", async (t) => {
      const server = await start(t);
      const sqs = clientOf(t, server);
      const create = async (QueueName: string, Attributes = {}): Promise<string> =>
        (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? "";
      const send = async (QueueUrl: string, MessageBody: string, more: Partial<SendMessageCommandInput> = {}) =>
        sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
      const left = async (QueueUrl: string): Promise<number> => {
        const wanted = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
        const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...wanted] }));
        return wanted.reduce((sum, each) => sum + Number(Attributes?.[each]), 0);
      };
      const counted = countsOf(t);
      const { map, events, result, reports } = await remoteBench(t, server);

      const standard = await create("q");
      const MessageAttributes = {
        text: { DataType: "String", StringValue: "a" },
        bytes: { DataType: "Binary", BinaryValue: Buffer.from("b") },
      };
      await send(standard, '{"n":1}', { MessageAttributes });
      for (let n = 2; n <= 30; n += 1) await send(standard, JSON.stringify({ n }));
      const FilterCriteria = { Filters: [{ Pattern: '{"body":{"n":[{"numeric":["<=",20]}]}}' }] };
      map({ EventSourceArn: arnOf("q"), FilterCriteria, MetricsConfig: { Metrics: ["EventCount"] } });
      await until(() => counted.deleted === 30);
      assert.equal(await left(standard), 0);
      const records = events.flatMap(({ Records }) => Records);
      const numbers = records.map(({ body }) => (JSON.parse(body) as { n: number }).n);
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, index) => index + 1),
      );
      const first = records[numbers.indexOf(1)];
      assert.deepEqual(first?.["messageAttributes"], {
        text: { stringValue: "a", stringListValues: [], binaryListValues: [], dataType: "String" },
        bytes: { binaryValue: "Yg==", stringListValues: [], binaryListValues: [], dataType: "Binary" },
      });
      assert.equal(first?.["eventSourceARN"], arnOf("q"));
      assert.match(JSON.stringify(first), /"ApproximateReceiveCount":"1"/);
      assert.deepEqual(counted, { polled: 30, filteredOut: 10, invoked: 20, deleted: 30 });

      const fifo = await create("q.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
      for (let n = 0; n < 30; n += 1) await send(fifo, `${n % 3}-${n}`, { MessageGroupId: `g${n % 3}` });
      events.length = 0;
      map({ EventSourceArn: arnOf("q.fifo") });
      const got = (): string[] => events.flatMap(({ Records }) => Records.map(({ body }) => body));
      await until(() => got().length === 30);
      await until(async () => (await left(fifo)) === 0);
      const bodies = got();
      for (const group of [0, 1, 2]) {
        const own = bodies.filter((body) => body.startsWith(`${group}-`));
        assert.deepEqual(
          keepsOrder ? own : own.toSorted((a, b) => numberOf(a) - numberOf(b)),
          Array.from({ length: 10 }, (_, index) => `${group}-${index * 3 + group}`),
        );
      }

      await server.stop();
      await until(async () => (await result())?.startsWith("PROBLEM: Connection error.") === true);
      assert.match(reports.join("\n"), /q\.fifo cannot be polled for function f/);
      await server.start();
      await send(await create("q.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" }), "back", {
        MessageGroupId: "g",
      });
      await until(() => events.at(-1)?.Records[0]?.body === "back");
      await until(async () => (await result()) === "OK");
    });

    it("are checked when a mapping is made", async (t) => {
      const server = await start(t);
      const sqs = clientOf(t, server);
      const service = remoteQueues({ endpoint: server.endpoint });
      t.after(() => service.close());
      await assert.rejects(checkQueue(service, arnOf("none"), 3), {
        name: "InvalidParameterValueException",
        message: /SQS Error Code: AWS\.SimpleQueueService\.NonExistentQueue/,
      });
      await sqs.send(new CreateQueueCommand({ QueueName: "short", Attributes: { VisibilityTimeout: "2" } }));
      await assert.rejects(
        checkQueue(service, arnOf("short"), 3),
        /2 seconds is less than Function timeout: 3 seconds/,
      );
      await checkQueue(service, arnOf("short"), 2);
      await server.stop();
      // It may be back when the mapping is polled.
      await checkQueue(service, arnOf("none"), 3);
    });
  });
}

describe("a server of queues that refuses", () => {
  it("is told of in the mapping's result, and asked again until it does not", async (t) => {
    const refusals = ["AccessDenied", "RequestThrottled"];
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const operation = String(request.headers["x-amz-target"]).replace("AmazonSQS.", "");
      asked.push(operation);
      const refusal = operation === "ReceiveMessage" ? refusals[0] : undefined;
      const answer =
        refusal === undefined
          ? { QueueUrl: "http://127.0.0.1/000000000000/q", Messages: [] }
          : { __type: `com.amazonaws.sqs#${refusal}`, message: "not now" };
      request.resume();
      response.writeHead(refusal === undefined ? 200 : 403, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const { map, result, reports } = await remoteBench(t, { endpoint: `http://127.0.0.1:${port}` });
    map({ EventSourceArn: "arn:aws:sqs:us-east-1:000000000000:q" });
    await until(async () => (await result()) === "PROBLEM: Cannot access queue. AccessDenied: not now");
    refusals.shift();
    await until(
      async () => (await result()) === "PROBLEM: Reads of the queue are throttled. RequestThrottled: not now",
    );
    refusals.shift();
    await until(async () => (await result()) === "OK");
    assert.match(String(reports[0]), /q cannot be polled for function f/);
    assert.ok(asked.filter((operation) => operation === "ReceiveMessage").length >= 3);
    map(undefined);
  });
});

function numberOf(body: string): number {
  return Number(body.slice(2));
}

function clientOf(t: TestContext, { endpoint }: ServerProcess): SQSClient {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new SQSClient({ endpoint, region: "us-east-1", credentials, useQueueUrlAsEndpoint: false });
  t.after(() => client.destroy());
  return client;
}

/** Sums of what the mapping tells of itself. */
function countsOf(t: TestContext): SourceCounts {
  const sums: Record<string, number> = {};
  const listen = (message: unknown): void => {
    for (const [each, by] of Object.entries((message as SourceEvent).counts)) sums[each] = (sums[each] ?? 0) + by;
  };
  subscribe(SOURCE_CHANNEL, listen);
  t.after(() => unsubscribe(SOURCE_CHANNEL, listen));
  return sums;
}

/** Kiln has no such queues itself. */
function remoteBench(t: TestContext, { endpoint }: Pick<ServerProcess, "endpoint">): Promise<SourceBench<Batch>> {
  return sourceBench<Batch>(t, {
    kind: "sqs",
    settings: { BatchSize: 10 },
    poller({ store, invoker, results, report, defer }) {
      const queues = createQueues({ documents: store.documents, queue: store.queue, report });
      const others = remoteQueues({ endpoint });
      defer(() => others.close());
      defer(() => queues.close());
      return sqsSource({ service: ownQueues(queues, others), invoker, results, report });
    },
  });
}
