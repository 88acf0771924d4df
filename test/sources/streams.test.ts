/** The rules of streams, with a stream in memory: what is retried, split, given up, and in which order. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, it, type TestContext } from "node:test";
import * as fc from "fast-check";
import { ServiceError } from "../../src/base/errors.ts";
import type { SourceSettings } from "../../src/sources/contract.ts";
import type { StreamRecord, StreamService } from "../../src/sources/streams/contract.ts";
import { streamBench, until, type StreamBench, type StreamEvent } from "./bench.ts";

const arn = "arn:aws:kinesis:us-east-1:000000000000:stream/s";
const queue = "arn:aws:sqs:us-east-1:000000000000:failed";

interface Item {
  n: number;
  key?: string;
  /** ms before now. */
  age?: number;
  arrivedAt?: number;
}

interface MemoryStream extends StreamService {
  put(items: readonly Item[]): void;
  /** The next reads fail with it. */
  fail(error: Error | undefined): void;
  close(): void;
}

/** One shard. */
function memoryStream(): MemoryStream {
  const records: StreamRecord[] = [];
  let failure: Error | undefined;
  let closed = false;
  const indexAfter = (sequence: string): number => records.findIndex((each) => each.sequenceNumber === sequence) + 1;
  return {
    kind: "kinesis",
    batchInfo: "KinesisBatchInfo",
    data: "data",
    pollMs: 2,
    gapMs: 0,
    maxRead: 1000,
    put(items) {
      for (const { n, key = "k", age = 0, arrivedAt = Date.now() - age } of items) {
        const text = JSON.stringify({ n, key });
        records.push({ sequenceNumber: String(n), key, arrivedAt, text, view: { data: text } });
      }
    },
    fail: (error) => void (failure = error),
    close: () => void (closed = true),
    open: () => ({
      shards: async () => [{ id: "shard-0", parents: [], closed }],
      iterator: async (_id, position) => {
        if (failure !== undefined) throw failure;
        return String(position.from === "after" ? indexAfter(position.sequenceNumber) : 0);
      },
      read: async (_id, iterator, limit) => {
        if (failure !== undefined) throw failure;
        const from = Number(iterator);
        const read = records.slice(from, from + limit);
        const next = from + read.length;
        return { records: read, next: closed && next === records.length ? undefined : String(next) };
      },
    }),
  };
}

async function bench(t: TestContext): Promise<StreamBench & { stream: MemoryStream }> {
  const stream = memoryStream();
  return { ...(await streamBench(t, stream, arn, 1)), stream };
}

const ns = (event: StreamEvent): number[] => event.Records.map(({ n }) => Number(n));
const items = (count: number, more: Partial<Item> = {}): Item[] =>
  Array.from({ length: count }, (_, n) => ({ n, ...more }));
const failed = { functionError: "Unhandled", payload: Buffer.from("{}") } as const;
const answerOf = (value: unknown): { payload: Buffer } => ({ payload: Buffer.from(JSON.stringify(value)) });

describe("batches of a stream", () => {
  it("are retried as often as the mapping says, and the destination is told", async (t) => {
    const { stream, map, answer, events, delivered, result, checkpoints } = await bench(t);
    stream.put(items(3, { arrivedAt: 1_600_000_000_000 }));
    answer((event) => (ns(event).includes(1) ? failed : {}));
    map({ MaximumRetryAttempts: 2, DestinationConfig: { OnFailure: { Destination: queue } } });
    await until(() => delivered.length === 1);
    assert.deepEqual(events.map(ns), [
      [0, 1, 2],
      [0, 1, 2],
      [0, 1, 2],
    ]);
    const [delivery] = delivered;
    assert.ok(delivery !== undefined);
    assert.equal(delivery.target, queue);
    const { requestContext, timestamp, ...rest } = JSON.parse(delivery.body) as Record<string, unknown>;
    assert.match(String(timestamp), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    assert.deepEqual(requestContext, {
      requestId: delivery.requestId,
      functionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
      condition: "RetryAttemptsExhausted",
      approximateInvokeCount: 3,
    });
    assert.deepEqual(rest, {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      KinesisBatchInfo: {
        shardId: "shard-0",
        startSequenceNumber: "0",
        endSequenceNumber: "2",
        approximateArrivalOfFirstRecord: "2020-09-13T12:26:40.000Z",
        approximateArrivalOfLastRecord: "2020-09-13T12:26:40.000Z",
        batchSize: 3,
        streamArn: arn,
      },
    });
    assert.equal(await result(), "PROBLEM: Function call failed");
    await until(async () => JSON.stringify(await checkpoints()).includes('"sequenceNumber":"2"'));
    stream.put([{ n: 3 }]);
    await until(async () => (await result()) === "OK");
  });

  it("are kept whole by a bucket as destination", async (t) => {
    const { stream, map, answer, events, delivered } = await bench(t);
    stream.put(items(3));
    answer(failed);
    map({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: "arn:aws:s3:::failures" } } });
    await until(() => delivered.length === 1);
    assert.equal(delivered[0]?.folder, "aws/lambda/u/shard-0");
    const { payload } = JSON.parse(delivered[0].body) as { payload: string };
    assert.deepEqual(JSON.parse(payload), events[0]);
  });

  it("are split until the record that fails is alone", async (t) => {
    const { stream, map, answer, events, delivered } = await bench(t);
    stream.put(items(10));
    answer((event) => (ns(event).includes(6) ? failed : {}));
    map({
      MaximumRetryAttempts: 1,
      BisectBatchOnFunctionError: true,
      DestinationConfig: { OnFailure: { Destination: queue } },
    });
    await until(() => events.some((event) => ns(event).at(-1) === 9 && !ns(event).includes(6)));
    await until(() => delivered.length === 1);
    const info = (
      JSON.parse(delivered[0]?.body ?? "") as { KinesisBatchInfo: { startSequenceNumber: string; batchSize: number } }
    ).KinesisBatchInfo;
    assert.deepEqual([info.startSequenceNumber, info.batchSize], ["6", 1]);
    assert.equal(events.filter((event) => ns(event).join() === "6").length, 2, "once, and one retry");
    const handled = events.filter((event) => !ns(event).includes(6)).flatMap(ns);
    assert.deepEqual(handled, [0, 1, 2, 3, 4, 5, 7, 8, 9]);
  });

  it("go on at the first record that the function names", async (t) => {
    const { stream, map, answer, events } = await bench(t);
    stream.put(items(6));
    let calls = 0;
    answer(() => {
      calls += 1;
      if (calls === 1) return answerOf({ batchItemFailures: [{ itemIdentifier: "4" }, { itemIdentifier: "2" }] });
      if (calls === 2) return answerOf({ batchItemFailures: [{ itemIdentifier: "" }] });
      return answerOf({ batchItemFailures: [] });
    });
    map({ FunctionResponseTypes: ["ReportBatchItemFailures"] });
    await until(() => calls === 3);
    assert.deepEqual(events.map(ns), [
      [0, 1, 2, 3, 4, 5],
      [2, 3, 4, 5],
      [2, 3, 4, 5],
    ]);
  });

  it("lose records that are too old, and tell the destination", async (t) => {
    const { stream, map, events, delivered } = await bench(t);
    stream.put([...items(3, { age: 120_000 }), { n: 3 }]);
    map({ MaximumRecordAgeInSeconds: 60, DestinationConfig: { OnFailure: { Destination: queue } } });
    await until(() => events.length === 1);
    assert.deepEqual(ns(events[0] as StreamEvent), [3]);
    const told = JSON.parse(delivered[0]?.body ?? "") as Record<string, Record<string, unknown>>;
    assert.equal(told["requestContext"]?.["condition"], "RecordAgeExceeded");
    assert.equal(told["requestContext"]?.["approximateInvokeCount"], 0);
    assert.equal(told["KinesisBatchInfo"]?.["batchSize"], 3);
  });

  it("wait while the function is throttled, which is no attempt", async (t) => {
    const { stream, map, answer, events, result, delivered } = await bench(t);
    answer(new ServiceError("TooManyRequestsException", "Rate Exceeded.", { status: 429 }));
    stream.put(items(2));
    map({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: { Destination: queue } } });
    await until(async () => (await result()) !== undefined);
    await sleep(30);
    answer({});
    await until(() => events.length === 1);
    assert.deepEqual(delivered, []);
  });

  it("hold no more than 6 MB, nor more records than the mapping allows", async (t) => {
    const { stream, map, events } = await bench(t);
    stream.put(Array.from({ length: 5 }, (_, n) => ({ n, key: "x".repeat(2_000_000) })));
    stream.put(Array.from({ length: 5 }, (_, n) => ({ n: n + 5 })));
    map({ BatchSize: 4 });
    await until(() => events.flatMap(ns).length === 10);
    assert.deepEqual(events.map(ns).slice(0, 2), [
      [0, 1, 2],
      [3, 4, 5, 6],
    ]);
  });

  it("fill up within the batching window", async (t) => {
    const { stream, map, events } = await bench(t);
    stream.put(items(2));
    map({ BatchSize: 5, MaximumBatchingWindowInSeconds: 60 });
    await sleep(50);
    assert.equal(events.length, 0);
    stream.put([{ n: 2 }, { n: 3 }, { n: 4 }, { n: 5 }]);
    await until(() => events.length === 1);
    assert.deepEqual(ns(events[0] as StreamEvent), [0, 1, 2, 3, 4]);
  });

  it("say that the stream cannot be read, and go on when it can", async (t) => {
    const { stream, map, events, result, reports } = await bench(t);
    stream.fail(Object.assign(new Error("User is not authorized"), { name: "AccessDeniedException" }));
    map({});
    await until(async () => (await result()) !== undefined);
    assert.equal(await result(), "PROBLEM: Cannot access stream. AccessDeniedException: User is not authorized");
    assert.match(String(reports[0]), /cannot be polled for function f/);
    stream.fail(undefined);
    await until(async () => (await result()) === "OK");
    stream.fail(Object.assign(new Error("Iterator expired"), { name: "ExpiredIteratorException" }));
    stream.put(items(1));
    await sleep(10);
    stream.fail(undefined);
    await until(() => events.length === 1);
    assert.equal(await result(), "OK");
  });
});

describe("tumbling windows", () => {
  const minute = 60_000;
  const start = 28_000_000 * minute;

  it("hand the state on, and end with a call of their own", async (t) => {
    const { stream, map, answer, events, checkpoints } = await bench(t);
    answer((event) => {
      if (event["isFinalInvokeForWindow"] === true) return {};
      const { sum = 0 } = event["state"] as { sum?: number };
      return answerOf({ state: { sum: ns(event).reduce((total, n) => total + n, sum) } });
    });
    stream.put(items(3).map((item) => ({ ...item, arrivedAt: start + item.n })));
    map({ BatchSize: 2, TumblingWindowInSeconds: 60 });
    // Later windows are over as well: nothing more can come into them.
    await until(() => events.length === 3);
    const window = {
      start: new Date(start).toISOString().replace(".000", ""),
      end: new Date(start + minute).toISOString().replace(".000", ""),
    };
    const common = { window, shardId: "shard-0", eventSourceARN: arn, isWindowTerminatedEarly: false };
    assert.deepEqual(events, [
      {
        Records: [
          { n: 0, key: "k" },
          { n: 1, key: "k" },
        ],
        ...common,
        state: {},
        isFinalInvokeForWindow: false,
      },
      { Records: [{ n: 2, key: "k" }], ...common, state: { sum: 1 }, isFinalInvokeForWindow: false },
      { Records: [], ...common, state: { sum: 3 }, isFinalInvokeForWindow: true },
    ]);
    await until(async () => (await checkpoints())["shard-0"]?.window === undefined);
    stream.put([
      { n: 4, arrivedAt: start + minute },
      { n: 5, arrivedAt: start + 2 * minute },
    ]);
    await until(() => events.length === 7);
    assert.deepEqual(
      events.slice(3).map((event) => [ns(event), event["state"], event["isFinalInvokeForWindow"]]),
      [
        [[4], {}, false],
        [[], { sum: 4 }, true],
        [[5], {}, false],
        [[], { sum: 5 }, true],
      ],
    );
  });

  it("keep their state in the checkpoint", async (t) => {
    const { stream, map, answer, events, checkpoints } = await bench(t);
    answer(answerOf({ state: { seen: true } }));
    const now = Date.now();
    stream.put([{ n: 0, arrivedAt: now }]);
    const settings: SourceSettings = { TumblingWindowInSeconds: 900 };
    map(settings);
    await until(async () => (await checkpoints())["shard-0"]?.window !== undefined);
    map({ ...settings, BatchSize: 7 });
    stream.put([{ n: 1, arrivedAt: now }]);
    await until(() => events.length === 2);
    assert.deepEqual(events[1]?.["state"], { seen: true });
  });

  it("end early when their state is too large", async (t) => {
    const { stream, map, answer, events } = await bench(t);
    answer((event) => (event["isFinalInvokeForWindow"] === true ? {} : answerOf({ state: "x".repeat(1024 * 1024) })));
    stream.put([{ n: 0 }]);
    map({ TumblingWindowInSeconds: 900 });
    await until(() => events.length === 2);
    assert.deepEqual([events[1]?.["isFinalInvokeForWindow"], events[1]?.["isWindowTerminatedEarly"]], [true, true]);
  });
});

describe("whatever fails", () => {
  it("each record is handled or the destination is told of it, and keys keep their order", async (t) => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          count: fc.integer({ min: 1, max: 60 }),
          keys: fc.integer({ min: 1, max: 5 }),
          factor: fc.integer({ min: 1, max: 4 }),
          size: fc.integer({ min: 1, max: 20 }),
          retries: fc.integer({ min: 0, max: 2 }),
          bisect: fc.boolean(),
          partial: fc.boolean(),
          outcomes: fc.array(fc.constantFrom("fine", "fails", "throttled", "partly", "restart", "unreadable"), {
            minLength: 1,
            maxLength: 40,
          }),
        }),
        async ({ count, keys, factor, size, retries, bisect, partial, outcomes }) => {
          await using scope = new AsyncDisposableStack();
          const ends: (() => Promise<void>)[] = [];
          scope.defer(async () => {
            for (const end of ends) await end();
          });
          const context = { after: (end: () => Promise<void>) => void ends.unshift(end) };
          const { stream, map, answer, events, delivered } = await bench(context as unknown as TestContext);
          stream.put(items(count).map((item) => ({ ...item, key: `k${item.n % keys}` })));
          const settings: SourceSettings = {
            BatchSize: size,
            ParallelizationFactor: factor,
            MaximumRetryAttempts: retries,
            BisectBatchOnFunctionError: bisect,
            FunctionResponseTypes: partial ? ["ReportBatchItemFailures"] : [],
            DestinationConfig: { OnFailure: { Destination: queue } },
          };
          /** By key, in the order in which they were handled for the first time. */
          const handled: number[] = [];
          const todo = [...outcomes];
          let restarts = 0;
          answer(async (event) => {
            await Promise.resolve();
            const outcome = todo.pop() ?? "fine";
            const batch = ns(event);
            if (outcome === "fails") return failed;
            if (outcome === "throttled") throw new ServiceError("TooManyRequestsException", "Rate", { status: 429 });
            if (outcome === "restart")
              map({ ...settings, MaximumBatchingWindowInSeconds: 0, BatchSize: size + (restarts += 1) });
            if (outcome === "unreadable") {
              stream.fail(new Error("gone"));
              setTimeout(() => stream.fail(undefined), 2);
            }
            if (outcome === "partly" && partial) {
              const at = Math.floor(batch.length / 2);
              handled.push(...batch.slice(0, at));
              return answerOf({ batchItemFailures: [{ itemIdentifier: String(batch[at]) }] });
            }
            handled.push(...batch);
            return {};
          });
          map(settings);
          // The range of a lane's batch spans records of others: the batch is the one with which the function was called.
          const told = (): Set<number> =>
            new Set(
              delivered.flatMap(({ body }) => {
                const { KinesisBatchInfo: info } = JSON.parse(body) as {
                  KinesisBatchInfo: { startSequenceNumber: string; endSequenceNumber: string; batchSize: number };
                };
                // Or the rest of it, where the function has handled its beginning.
                const rests = events.map((event) => ns(event).slice(-info.batchSize));
                const is = (rest: readonly number[]): boolean =>
                  rest.length === info.batchSize &&
                  rest[0] === Number(info.startSequenceNumber) &&
                  rest.at(-1) === Number(info.endSequenceNumber);
                return rests.find(is) ?? assert.fail(`the function was never called with ${body}`);
              }),
            );
          await until(() => {
            const known = told();
            for (const n of handled) known.add(n);
            return known.size === count;
          });
          assert.ok(events.length > 0);
          // One that was given up may come once more after a restart, and be handled then: it has had its turn.
          const givenUp = told();
          for (let key = 0; key < keys; key += 1) {
            const first = [...new Set(handled.filter((n) => n % keys === key && !givenUp.has(n)))];
            assert.deepEqual(
              first,
              first.toSorted((a, b) => a - b),
            );
          }
        },
      ),
      { numRuns: 40, endOnFailure: true },
    );
    t.diagnostic("40 streams");
  });
});
