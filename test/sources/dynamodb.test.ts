/** Mappings of DynamoDB streams, against DynamoDB Local. The data plane is the test's. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { DeleteItemCommand, PutItemCommand, type AttributeValue } from "@aws-sdk/client-dynamodb";
import { dynamodbService } from "../../src/sources/dynamodb/service.ts";
import { withoutDynamodbLocal } from "../../tools/dynamodb-local.ts";
import { startDynamodb, type TestDynamodb } from "../support/dynamodb-local.ts";
import { streamBench, until, type StreamBench, type StreamEvent } from "./bench.ts";

const skip = (await withoutDynamodbLocal()) ?? false;

interface Change {
  ApproximateCreationDateTime: number;
  SequenceNumber: string;
  SizeBytes: number;
  Keys: { id: { S: string } };
  NewImage?: Record<string, unknown>;
}

const recordsOf = (events: readonly StreamEvent[]): StreamEvent["Records"] => events.flatMap(({ Records }) => Records);
const changesOf = (events: readonly StreamEvent[]): Change[] =>
  recordsOf(events).map(({ dynamodb }) => dynamodb as Change);

const item = (id: string, n: number): Record<string, AttributeValue> => ({ id: { S: id }, n: { N: String(n) } });

interface TableBench extends StreamBench {
  arn: string;
  put: (item: Record<string, AttributeValue>) => Promise<void>;
  remove: (id: string) => Promise<void>;
}

async function bench(t: TestContext, dynamodb: TestDynamodb, TableName: string): Promise<TableBench> {
  const { client, endpoint } = dynamodb;
  const arn = await dynamodb.create(TableName, "NEW_AND_OLD_IMAGES");
  const service = dynamodbService({ endpoint });
  const made = await streamBench(t, { ...service, pollMs: 20, gapMs: 0 }, arn);
  t.after(() => service.close());
  return {
    ...made,
    arn,
    put: async (Item) => void (await client.send(new PutItemCommand({ TableName, Item }))),
    remove: async (id) => void (await client.send(new DeleteItemCommand({ TableName, Key: { id: { S: id } } }))),
  };
}

test("mappings of DynamoDB streams", { skip }, async (context) => {
  const dynamodb = await startDynamodb(context);

  await context.test("call the function with AWS's records", async (t) => {
    const { arn, put, remove, map, events, checkpoints } = await bench(t, dynamodb, "records");
    await put({
      id: { S: "a" },
      bytes: { B: Buffer.from("hi") },
      list: { L: [{ BS: [Buffer.from("x")] }, { NULL: true }] },
    });
    await remove("a");
    map({});
    await until(() => recordsOf(events).length === 2);
    const [made, gone] = recordsOf(events);
    const [change, removal] = changesOf(events);
    assert.ok(made && gone && change && removal);
    assert.match(String(made["eventID"]), /^[0-9a-f-]{32,36}$/);
    const NewImage = { id: { S: "a" }, bytes: { B: "aGk=" }, list: { L: [{ BS: ["eA=="] }, { NULL: true }] } };
    const { ApproximateCreationDateTime: at, SequenceNumber, SizeBytes } = change;
    assert.ok(Math.abs(at - Date.now() / 1000) < 600);
    assert.match(SequenceNumber, /^\d+$/);
    assert.deepEqual(made, {
      eventID: made["eventID"],
      eventName: "INSERT",
      eventVersion: "1.1",
      eventSource: "aws:dynamodb",
      awsRegion: arn.split(":")[3],
      dynamodb: {
        ApproximateCreationDateTime: at,
        Keys: { id: { S: "a" } },
        NewImage,
        SequenceNumber,
        SizeBytes,
        StreamViewType: "NEW_AND_OLD_IMAGES",
      },
      eventSourceARN: arn,
    });
    assert.equal(gone["eventName"], "REMOVE");
    assert.deepEqual((gone["dynamodb"] as { OldImage: unknown }).OldImage, NewImage);
    const { SequenceNumber: sequenceNumber } = removal;
    await until(async () =>
      Object.values(await checkpoints()).some(
        ({ position }) => position.from === "after" && position.sequenceNumber === sequenceNumber,
      ),
    );
  });

  await context.test("skip what no filter lets through, and keep each item's order in many lanes", async (t) => {
    const { put, map, events, checkpoints } = await bench(t, dynamodb, "filters");
    for (let n = 0; n < 60; n += 1) await put(item(`i${n % 4}`, n));
    map({
      ParallelizationFactor: 4,
      BatchSize: 3,
      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"NewImage":{"n":{"N":[{"anything-but":["7"]}]}}}}' }] },
    });
    await until(() => recordsOf(events).length === 59);
    for (const id of ["i0", "i1", "i2", "i3"]) {
      const own = changesOf(events).filter(({ Keys }) => Keys.id.S === id);
      const read = own.map(({ NewImage }) => Number((NewImage?.["n"] as { N: string } | undefined)?.N));
      assert.deepEqual(
        read,
        read.toSorted((a, b) => a - b),
      );
      assert.ok(!read.includes(7));
    }
    await until(async () => Object.values(await checkpoints()).every(({ position }) => position.from === "after"));
  });

  await context.test("go on where they were, also from the end of the stream", async (t) => {
    const { put, map, events, checkpoints } = await bench(t, dynamodb, "latest");
    await put(item("old", 1));
    map({ StartingPosition: "LATEST" });
    await until(async () => {
      await put(item("probe", 1 + Math.random()));
      return Object.values(await checkpoints()).some(({ position }) => position.from === "after");
    });
    assert.ok(changesOf(events).every(({ Keys }) => Keys.id.S === "probe"));
    map({ StartingPosition: "LATEST" }, false);
    await put(item("while off", 1));
    map({ StartingPosition: "LATEST", BatchSize: 10 });
    await until(() => changesOf(events).some(({ Keys }) => Keys.id.S === "while off"));
    assert.ok(changesOf(events).every(({ Keys }) => Keys.id.S !== "old"));
  });
});
