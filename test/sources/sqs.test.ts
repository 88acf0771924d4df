/** Mappings of queues: batches, filters, partial answers, changes while they run. The data plane is the test's. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it, type TestContext } from "node:test";
import { ServiceError } from "../../src/base/errors.ts";
import { lineageOf } from "../../src/base/lineage.ts";
import type { InvokeAnswer } from "../../src/invoke/contract.ts";
import type { SourceSettings } from "../../src/sources/contract.ts";
import { createQueues } from "../../src/queues/queues.ts";
import { ownQueues } from "../../src/sources/sqs/own.ts";
import { sqsSource } from "../../src/sources/sqs/poller.ts";
import { scope, sourceBench, until, type SourceBench } from "./bench.ts";

const arn = (name: string): string => `arn:aws:sqs:${scope.region}:${scope.account}:${name}`;

interface Batch {
  Records: { messageId: string; body: string; [member: string]: unknown }[];
}

interface Bench extends SourceBench<Batch> {
  queues: ReturnType<typeof createQueues>;
  batches: Batch[];
  send: (body: string, more?: object) => Promise<void>;
  left: () => Promise<number>;
}

async function bench(t: TestContext, attributes: Record<string, string> = {}): Promise<Bench> {
  let made: ReturnType<typeof createQueues> | undefined;
  const source = await sourceBench<Batch>(t, {
    kind: "sqs",
    settings: { EventSourceArn: arn("q"), BatchSize: 10 } satisfies SourceSettings,
    async poller({ store, invoker, results, report, defer }) {
      const queues = createQueues({ documents: store.documents, queue: store.queue, report });
      made = queues;
      defer(() => queues.close());
      await queues.create(scope, "q", attributes, {});
      return sqsSource({ service: ownQueues(queues), invoker, results, report });
    },
  });
  const queues = made ?? assert.fail();
  return {
    ...source,
    queues,
    batches: source.events,
    async send(body, more = {}) {
      await queues.send(scope, "q", { body, sender: "me", ...more });
    },
    async left() {
      const shown = await queues.attributes(scope, "q");
      return Number(shown["ApproximateNumberOfMessages"]) + Number(shown["ApproximateNumberOfMessagesNotVisible"]);
    },
  };
}

const trace = (lineage: string): object => ({ traceHeader: `Root=1-2-3;Lineage=1:${lineage}` });
const bodies = (batches: readonly Batch[]): string[] =>
  batches.flatMap(({ Records }) => Records.map(({ body }) => body));

describe("mappings of queues", () => {
  it("call the function with AWS's records, and delete what it has handled", async (t) => {
    const { map, send, batches, left } = await bench(t);
    await send('{"n":1}', { attributes: { kind: { DataType: "String", StringValue: "test" } } });
    map({});
    await until(() => batches.length === 1);
    const [record] = batches[0]?.Records ?? [];
    assert.ok(record !== undefined);
    const { messageId, receiptHandle, attributes, md5OfMessageAttributes, ...rest } = record;
    assert.match(messageId, /^[0-9a-f-]{36}$/);
    assert.equal(typeof receiptHandle, "string");
    assert.equal(typeof md5OfMessageAttributes, "string");
    assert.deepEqual(Object.keys(attributes as object).toSorted(), [
      "ApproximateFirstReceiveTimestamp",
      "ApproximateReceiveCount",
      "SenderId",
      "SentTimestamp",
    ]);
    assert.deepEqual(rest, {
      body: '{"n":1}',
      md5OfBody: createHash("md5").update(`{"n":1}`).digest("hex"),
      messageAttributes: {
        kind: { stringValue: "test", stringListValues: [], binaryListValues: [], dataType: "String" },
      },
      eventSource: "aws:sqs",
      eventSourceARN: arn("q"),
      awsRegion: "us-east-1",
    });
    await until(async () => (await left()) === 0);
  });

  it("gather batches of more than ten within their window", async (t) => {
    const { map, send, batches } = await bench(t);
    await Promise.all(Array.from({ length: 25 }, (_, index) => send(String(index))));
    map({ BatchSize: 25, MaximumBatchingWindowInSeconds: 5 });
    await until(() => batches.length === 1);
    assert.equal(batches[0]?.Records.length, 25);
  });

  it("delete what no filter lets through", async (t) => {
    const { map, send, batches, left } = await bench(t);
    for (const n of [1, 2, 3]) await send(JSON.stringify({ n }));
    map({ FilterCriteria: { Filters: [{ Pattern: '{"body":{"n":[2]}}' }] } });
    await until(async () => (await left()) === 0);
    assert.deepEqual(bodies(batches), ['{"n":2}']);
  });

  it("keep what is being handled hidden, however long the call takes", async (t) => {
    const { map, send, batches, left, answer } = await bench(t, { VisibilityTimeout: "2" });
    const slow = Promise.withResolvers<Partial<InvokeAnswer>>();
    answer(() => slow.promise);
    await send("a");
    map({});
    await until(() => batches.length === 1);
    // Long enough to come again twice.
    await sleep(4500);
    slow.resolve({});
    await until(async () => (await left()) === 0);
    assert.deepEqual(bodies(batches), ["a"]);
  });

  it("leave what failed in the queue, all of it or what the function names", async (t) => {
    const { map, send, batches, left, answer } = await bench(t, { VisibilityTimeout: "1" });
    answer({ functionError: "Unhandled" });
    await send("a");
    map({ FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await until(() => batches.length >= 2);
    assert.equal(await left(), 1);
    answer((batch) => ({
      payload: Buffer.from(
        JSON.stringify({
          batchItemFailures: batch.Records.filter(({ body }) => body === "b").map(({ messageId }) => ({
            itemIdentifier: messageId,
          })),
        }),
      ),
    }));
    await send("b");
    await until(() => bodies(batches).filter((body) => body === "b").length >= 2);
    await until(async () => (await left()) === 1);
    answer({ payload: Buffer.from('{"batchItemFailures":[{"itemIdentifier":"nobody"}]}') });
    const before = batches.length;
    await until(() => batches.length > before);
    assert.equal(await left(), 1, "an answer that names nobody fails the batch");
    answer({});
    await until(async () => (await left()) === 0);
  });

  it("wait when the function is throttled, without counting a receipt", async (t) => {
    const { map, send, batches, left, answer } = await bench(t);
    answer(new ServiceError("TooManyRequestsException", "Rate Exceeded.", { status: 429 }));
    await send("a");
    map({});
    await sleep(300);
    assert.equal(batches.length, 0);
    answer({});
    await until(() => batches.length === 1);
    const [record] = batches[0]?.Records ?? [];
    assert.equal((record?.["attributes"] as Record<string, string> | undefined)?.["ApproximateReceiveCount"], "1");
    await until(async () => (await left()) === 0);
  });

  it("stop, change and start again while they run", async (t) => {
    const { map, send, batches, left } = await bench(t);
    map({});
    await send("a");
    await until(() => batches.length === 1);
    map({}, false);
    await until(async () => (await left()) === 0);
    await sleep(100);
    await send("b");
    await sleep(200);
    assert.equal(batches.length, 1);
    map({ FilterCriteria: { Filters: [{ Pattern: '{"body":["c"]}' }] } });
    await send("c");
    await until(() => batches.length === 2);
    assert.deepEqual(bodies(batches), ["a", "c"]);
    map(undefined);
    await sleep(100);
    await send("d");
    await sleep(200);
    assert.equal(await left(), 1);
  });

  it("keep the order of each group of a FIFO queue", async (t) => {
    const { queues, map, batches } = await bench(t);
    await queues.create(scope, "q.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" }, {});
    const expected: Record<string, string[]> = {};
    for (let each = 0; each < 60; each += 1) {
      const groupId = `g${each % 3}`;
      (expected[groupId] ??= []).push(`${groupId}-${each}`);
      await queues.send(scope, "q.fifo", { body: `${groupId}-${each}`, groupId, sender: "me" });
    }
    map({ EventSourceArn: arn("q.fifo") });
    await until(() => bodies(batches).length === 60);
    // Several messages of a group come in one batch.
    assert.equal(batches[0]?.Records.length, 10);
    for (const [group, wanted] of Object.entries(expected)) {
      assert.deepEqual(
        bodies(batches).filter((body) => body.startsWith(`${group}-`)),
        wanted,
      );
    }
  });

  for (const [what, settings, expected] of [
    ["MaximumConcurrency", { ScalingConfig: { MaximumConcurrency: 2 } }, 2],
    ["provisioned pollers", { ProvisionedPollerConfig: { MinimumPollers: 2, MaximumPollers: 2 } }, 20],
  ] as const) {
    it(`make as many calls at a time as ${what} allow, and no more`, async (t) => {
      const { map, send, batches, answer, left } = await bench(t);
      const held: (() => void)[] = [];
      let most = 0;
      answer(async () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        most = Math.max(most, held.push(resolve));
        await promise;
        return {};
      });
      await Promise.all(Array.from({ length: 40 }, (_, index) => send(String(index))));
      map({ BatchSize: 1, ...settings });
      await until(() => held.length === expected);
      await until(async () => {
        held.shift()?.();
        return (await left()) === 0;
      });
      assert.deepEqual([most, batches.length], [expected, 40]);
    });
  }

  it("hand on the lineage of messages, each in a call of its own", async (t) => {
    const { map, queues, requests } = await bench(t);
    for (const [body, more] of [
      ["outside", {}],
      ["a", trace("aaaaaaaa:3")],
      ["b", trace("bbbbbbbb:15")],
      ["a", trace("aaaaaaaa:3")],
    ] as const) {
      await queues.send(scope, "q", { body, sender: "me", ...more });
    }
    map({});
    await until(() => requests.length === 3);
    const seen = requests.map(({ payload, traceId }) => {
      const { Records } = JSON.parse(Buffer.from(payload).toString()) as Batch;
      return [Records.map(({ body }) => body).join(), lineageOf(traceId)];
    });
    assert.deepEqual(seen, [
      ["outside", ""],
      ["a,a", "aaaaaaaa:3"],
      ["b", "bbbbbbbb:15"],
    ]);
  });

  it("say that a queue cannot be polled, and go on when it can", async (t) => {
    const { queues, map, batches, reports } = await bench(t);
    map({ EventSourceArn: arn("later") });
    await until(() => reports.length > 0);
    assert.match(String(reports[0]), /arn:aws:sqs:us-east-1:000000000000:later cannot be polled for function f/);
    await queues.create(scope, "later", {}, {});
    await queues.send(scope, "later", { body: "m", sender: "me" });
    await until(() => batches.length === 1);
  });
});
