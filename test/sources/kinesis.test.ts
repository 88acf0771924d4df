/** Mappings of Kinesis streams, against servers that others wrote: kinesalite and moto. The data plane is the test's. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { MergeShardsCommand, SplitShardCommand } from "@aws-sdk/client-kinesis";
import { kinesisService } from "../../src/sources/kinesis/service.ts";
import { withoutMoto } from "../../tools/moto.ts";
import { kinesisAt, startKinesis, type Kinesis } from "../support/kinesalite.ts";
import { startMoto } from "../support/moto.ts";
import { roleArn, streamBench, until, type StreamBench, type StreamEvent } from "./bench.ts";

interface KinesisPart {
  partitionKey: string;
  sequenceNumber: string;
  data: string;
}

type Bench = (t: TestContext, shards?: number) => Promise<StreamBench & { kinesis: Kinesis; arn: string }>;

const benchOn =
  (start: (t: TestContext) => Promise<Kinesis>): Bench =>
  async (t, shards = 1) => {
    const kinesis = await start(t);
    const arn = await kinesis.create("s", shards);
    const service = kinesisService({ endpoint: kinesis.endpoint });
    const made = await streamBench(t, { ...service, pollMs: 20, gapMs: 0 }, arn);
    t.after(() => service.close());
    return { ...made, kinesis, arn };
  };

const partsOf = (events: readonly StreamEvent[]): KinesisPart[] =>
  events.flatMap(({ Records }) => Records.map(({ kinesis }) => kinesis as KinesisPart));
const dataOf = (events: readonly StreamEvent[]): string[] =>
  partsOf(events).map(({ data }) => Buffer.from(data, "base64").toString());
const numbers = (count: number, from = 0): { key: string; data: string }[] =>
  Array.from({ length: count }, (_, index) => ({ key: `k${index % 7}`, data: String(from + index) }));

describe("mappings of Kinesis streams: kinesalite", () => mappings(benchOn(startKinesis)));
describe("mappings of Kinesis streams: moto", { skip: (await withoutMoto()) ?? false }, () =>
  mappings(
    benchOn(async (t) => kinesisAt(t, (await startMoto(t)).endpoint)),
    "moto puts the records of a shard into its children again",
  ),
);

/** `unlike`: why the server's shards and their children are not like those of Kinesis. */
function mappings(bench: Bench, unlike?: string): void {
  it("call the function with AWS's records", async (t) => {
    const { kinesis, arn, map, events, result, checkpoints } = await bench(t);
    await kinesis.put("s", [{ key: "a", data: "hello" }]);
    map({});
    await until(() => events.length === 1);
    const [record] = events[0]?.Records ?? [];
    assert.ok(record !== undefined);
    const { sequenceNumber } = record["kinesis"] as KinesisPart;
    const { approximateArrivalTimestamp: at } = record["kinesis"] as { approximateArrivalTimestamp: number };
    assert.ok(Math.abs(at - Date.now() / 1000) < 600);
    assert.deepEqual(record, {
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: "a",
        sequenceNumber,
        data: Buffer.from("hello").toString("base64"),
        approximateArrivalTimestamp: at,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `shardId-000000000000:${sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: roleArn,
      awsRegion: "us-east-1",
      eventSourceARN: arn,
    });
    const shard = "shardId-000000000000";
    await until(async () => (await checkpoints())[shard]?.position.from === "after");
    assert.deepEqual((await checkpoints())[shard]?.position, { from: "after", sequenceNumber });
    assert.equal(await result(), "OK");
    map(undefined);
    await until(async () => Object.keys(await checkpoints()).length === 0 && (await result()) === undefined);
  });

  it("skip what no filter lets through", async (t) => {
    const { kinesis, map, events, checkpoints } = await bench(t);
    const orders = [1, 2, 3].map((n) => ({ key: `k${n}`, data: JSON.stringify({ n }) }));
    await kinesis.put("s", [...orders, { key: "k2", data: "no JSON" }]);
    map({
      FilterCriteria: {
        Filters: [{ Pattern: '{"data":{"n":[{"numeric":[">",2]}]}}' }, { Pattern: '{"partitionKey":["k1"]}' }],
      },
    });
    await until(() => dataOf(events).length === 2);
    assert.deepEqual(dataOf(events), ['{"n":1}', '{"n":3}']);
    // What was skipped is behind the checkpoint, too.
    map({});
    await kinesis.put("s", [{ key: "k", data: "last" }]);
    await until(() => dataOf(events).length === 3);
    assert.equal(dataOf(events)[2], "last");
    assert.equal((await checkpoints())["shardId-000000000000"]?.position.from, "after");
  });

  it("start at the end of the stream, and go on where they were", async (t) => {
    const { kinesis, map, events, checkpoints } = await bench(t, 2);
    await kinesis.put("s", numbers(20));
    map({ StartingPosition: "LATEST" });
    await until(async () => {
      // Where the end is, is known when both shards have been asked for it.
      await kinesis.put("s", [numbers(1, 50), numbers(2, 51).slice(1)].flat());
      return Object.values(await checkpoints()).filter(({ position }) => position.from === "after").length === 2;
    });
    assert.ok(dataOf(events).every((text) => Number(text) >= 50));
    await kinesis.put("s", numbers(20, 100));
    const later = (): string[] => dataOf(events).filter((text) => Number(text) >= 100);
    await until(() => later().length === 20);
    map({ StartingPosition: "LATEST" }, false);
    await kinesis.put("s", numbers(20, 200));
    map({ StartingPosition: "LATEST", BatchSize: 5 });
    await until(() => later().length === 40);
    assert.equal(new Set(later()).size, 40);
  });

  it("read the children of a shard after it", { skip: unlike ?? false }, async (t) => {
    const { kinesis, map, events, checkpoints } = await bench(t, 2);
    await kinesis.put("s", numbers(50));
    map({ BatchSize: 7 });
    const StreamName = "s";
    await kinesis.client.send(
      new MergeShardsCommand({
        StreamName,
        ShardToMerge: "shardId-000000000000",
        AdjacentShardToMerge: "shardId-000000000001",
      }),
    );
    await kinesis.active("s");
    await kinesis.put("s", numbers(50, 100));
    const NewStartingHashKey = (2n ** 127n).toString();
    await kinesis.client.send(
      new SplitShardCommand({ StreamName, ShardToSplit: "shardId-000000000002", NewStartingHashKey }),
    );
    await kinesis.active("s");
    await kinesis.put("s", numbers(50, 200));
    await until(() => dataOf(events).length === 150);
    for (let key = 0; key < 7; key += 1) {
      const own = partsOf(events).filter(({ partitionKey }) => partitionKey === `k${key}`);
      const read = own.map(({ data }) => Number(Buffer.from(data, "base64").toString()));
      assert.deepEqual(
        read,
        read.toSorted((a, b) => a - b),
        `order of k${key}`,
      );
    }
    await until(async () => (await checkpoints())["shardId-000000000002"]?.done === true);
  });
}
