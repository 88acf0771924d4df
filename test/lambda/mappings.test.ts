/** Event source mappings through the API: what AWS answered to the same calls, and mistakes. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandOutput,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
  paginateListEventSourceMappings,
  type CreateEventSourceMappingRequest,
  type UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import { startApi } from "./api.ts";
import { checkRefusal } from "./cases/check.ts";
import { access, kafka, mappingRefusals, secret, source } from "./cases/mappings.ts";
import { arn } from "./support.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const notPolled = /^Kiln does not poll event sources of this kind yet/;
const noServer = /where KILN_(KINESIS|DYNAMODB_STREAMS)_ENDPOINT names a server/;

async function start(t: TestContext) {
  const api = await startApi(t);
  await api.deploy("f", { Publish: true });
  const create = (input: Partial<CreateEventSourceMappingRequest>) =>
    api.client.send(new CreateEventSourceMappingCommand({ FunctionName: "f", ...input }));
  const update = (input: UpdateEventSourceMappingRequest) =>
    api.client.send(new UpdateEventSourceMappingCommand(input));
  const get = (UUID: string | undefined) => api.client.send(new GetEventSourceMappingCommand({ UUID }));
  const remove = (UUID: string | undefined) => api.client.send(new DeleteEventSourceMappingCommand({ UUID }));
  return { ...api, create, update, get, remove };
}

/** Without what is different every time, after a look at its form. */
function stable({
  UUID,
  EventSourceMappingArn,
  LastModified,
  $metadata: _metadata,
  ...rest
}: CreateEventSourceMappingCommandOutput) {
  assert.match(UUID ?? "", uuid);
  assert.equal(EventSourceMappingArn, `arn:aws:lambda:us-east-1:123456789012:event-source-mapping:${UUID}`);
  assert.ok(LastModified instanceof Date);
  return rest;
}

const queueDefaults = {
  BatchSize: 10,
  EventSourceArn: source.queue,
  FunctionArn: arn("f"),
  FunctionResponseTypes: [],
  MaximumBatchingWindowInSeconds: 0,
};
const streamDefaults = {
  BatchSize: 100,
  BisectBatchOnFunctionError: false,
  DestinationConfig: { OnFailure: {} },
  FunctionArn: arn("f"),
  FunctionResponseTypes: [],
  LastProcessingResult: "No records processed",
  MaximumBatchingWindowInSeconds: 0,
  MaximumRecordAgeInSeconds: -1,
  MaximumRetryAttempts: -1,
  ParallelizationFactor: 1,
  StartingPosition: "TRIM_HORIZON",
  TumblingWindowInSeconds: 0,
};

describe("event source mappings", () => {
  it("are created with the defaults of their source", async (t) => {
    const { create, get, faults } = await start(t);
    const queue = await create({ EventSourceArn: source.queue, FilterCriteria: { Filters: [] } });
    assert.equal(queue.$metadata.httpStatusCode, 202);
    const user = { State: "Creating", StateTransitionReason: "USER_INITIATED" };
    assert.deepEqual(stable(queue), { ...queueDefaults, ...user });
    assert.deepEqual(stable(await get(queue.UUID)), { ...queueDefaults, ...user, State: "Enabled" });

    const action = { State: "Creating", StateTransitionReason: "User action" };
    for (const EventSourceArn of [source.stream, source.consumer, source.table]) {
      const stream = await create({ EventSourceArn, StartingPosition: "TRIM_HORIZON" });
      assert.deepEqual(stable(stream), { ...streamDefaults, EventSourceArn, ...action });
      const rested = await get(stream.UUID);
      assert.equal(rested.State, "Disabled");
      assert.match(rested.StateTransitionReason ?? "", noServer);
    }
    const own = await create({
      Topics: ["topic"],
      SourceAccessConfigurations: access,
      SelfManagedEventSource: kafka("kafka:1000"),
    });
    assert.match((await get(own.UUID)).StateTransitionReason ?? "", notPolled);
    assert.deepEqual(stable(own), {
      BatchSize: 100,
      FunctionArn: arn("f"),
      LastProcessingResult: "No records processed",
      SelfManagedEventSource: kafka("kafka:1000"),
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: own.UUID },
      SourceAccessConfigurations: access,
      StartingPosition: "TRIM_HORIZON",
      Topics: ["topic"],
      ...user,
    });
    const managed = await create({
      EventSourceArn: source.cluster,
      Topics: ["topic"],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: "group" },
      DestinationConfig: { OnFailure: { Destination: "kafka://failed" } },
    });
    assert.deepEqual(managed.AmazonManagedKafkaEventSourceConfig, { ConsumerGroupId: "group" });
    assert.deepEqual(managed.DestinationConfig, { OnFailure: { Destination: "kafka://failed" } });
    const mq = await create({ EventSourceArn: source.broker, Queues: ["q"], SourceAccessConfigurations: access });
    assert.deepEqual([mq.BatchSize, mq.Queues, mq.MaximumBatchingWindowInSeconds], [100, ["q"], undefined]);
    const documents = await create({
      EventSourceArn: source.documents,
      StartingPosition: "LATEST",
      SourceAccessConfigurations: access,
      DocumentDBEventSourceConfig: { DatabaseName: "d" },
    });
    assert.deepEqual(documents.DocumentDBEventSourceConfig, { DatabaseName: "d", FullDocument: "Default" });
    assert.deepEqual(faults, []);
  });

  it("keep what they were made with", async (t) => {
    const { client, create, get } = await start(t);
    const from = new Date("2026-01-02T03:04:05Z");
    const asked = {
      EventSourceArn: source.stream,
      StartingPosition: "AT_TIMESTAMP",
      StartingPositionTimestamp: from,
      BatchSize: 7,
      BisectBatchOnFunctionError: true,
      DestinationConfig: { OnFailure: { Destination: source.queue } },
      FilterCriteria: { Filters: [{ Pattern: '{"data":{"a":["b"]}}' }] },
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      KMSKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
      MaximumBatchingWindowInSeconds: 3,
      MaximumRecordAgeInSeconds: 60,
      MaximumRetryAttempts: 5,
      MetricsConfig: { Metrics: ["EventCount"] },
      TumblingWindowInSeconds: 30,
    } satisfies Partial<CreateEventSourceMappingRequest>;
    const made = await create({ ...asked, Enabled: false, Tags: { a: "b" } });
    const expected = {
      ...asked,
      FunctionArn: arn("f"),
      ParallelizationFactor: 1,
      LastProcessingResult: "No records processed",
      State: "Disabled",
      StateTransitionReason: "User action",
    };
    assert.deepEqual(stable(made), expected);
    assert.deepEqual(stable(await get(made.UUID)), expected);
    const Resource = made.EventSourceMappingArn ?? "";
    await client.send(
      new TagResourceCommand({ Resource: Resource.replace(/[^:]*$/, (id) => id.toUpperCase()), Tags: { c: "d" } }),
    );
    await client.send(new UntagResourceCommand({ Resource, TagKeys: ["a"] }));
    assert.deepEqual((await client.send(new ListTagsCommand({ Resource }))).Tags, { c: "d" });
    assert.deepEqual(stable(await get(made.UUID)), expected);
  });

  it("belong to a function, a version of it, or to nothing any more", async (t) => {
    const { client, create, get, remove } = await start(t);
    for (const [FunctionName, shown] of [
      ["f", arn("f")],
      ["f:$LATEST", `${arn("f")}:$LATEST`],
      ["f:1", `${arn("f")}:1`],
      [arn("f"), arn("f")],
      [`${arn("f")}:1`, `${arn("f")}:1`],
    ] as const) {
      const made = await create({ FunctionName, EventSourceArn: source.queue });
      assert.equal(made.FunctionArn, shown);
      const gone = await remove(made.UUID);
      assert.deepEqual([gone.$metadata.httpStatusCode, gone.State, gone.FunctionArn], [202, "Deleting", shown]);
      await assert.rejects(get(made.UUID), { name: "ResourceNotFoundException" });
    }
    const left = await create({ EventSourceArn: source.queue });
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.equal((await get(left.UUID)).FunctionArn, arn("f"));
    assert.equal((await remove(left.UUID)).State, "Deleting");
  });

  it("are changed member by member", async (t) => {
    const { create, update, get, deploy } = await start(t);
    await deploy("g");
    const made = await create({
      EventSourceArn: source.queue,
      ScalingConfig: { MaximumConcurrency: 5 },
      FilterCriteria: { Filters: [{ Pattern: '{"a":["b"]}' }] },
      KMSKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
    });
    const { UUID } = made;
    const changed = await update({ UUID, BatchSize: 100, MaximumBatchingWindowInSeconds: 2, FunctionName: "g" });
    assert.deepEqual(
      [changed.$metadata.httpStatusCode, changed.State, changed.FunctionArn, changed.BatchSize],
      [202, "Updating", arn("g"), 100],
    );
    assert.deepEqual(changed.ScalingConfig, { MaximumConcurrency: 5 });
    const cleared = await update({ UUID, ScalingConfig: {}, FilterCriteria: {}, KMSKeyArn: "" });
    for (const member of ["ScalingConfig", "FilterCriteria", "KMSKeyArn"] as const) assert.ok(!(member in cleared));
    assert.equal((await update({ UUID, Enabled: false })).State, "Disabling");
    assert.equal((await get(UUID)).StateTransitionReason, "USER_INITIATED");
    assert.equal((await update({ UUID, Enabled: true })).State, "Enabling");
    assert.equal((await get(UUID)).State, "Enabled");
    // The claims went with the function.
    await create({ EventSourceArn: source.queue });
    await assert.rejects(update({ UUID, FunctionName: "f" }), { name: "ResourceConflictException" });
  });

  it("of Kafka and brokers have members that stay", async (t) => {
    const { create, update } = await start(t);
    const registry = { SchemaRegistryURI: "https://registry", EventRecordFormat: "JSON" as const };
    const { UUID } = await create({
      Topics: ["topic"],
      SourceAccessConfigurations: access,
      SelfManagedEventSource: kafka("k:1"),
      ProvisionedPollerConfig: { MinimumPollers: 1, MaximumPollers: 3 },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: "g", SchemaRegistryConfig: registry },
    });
    await assert.rejects(update({ UUID, SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: "g" } }), {
      message: /^Unsupported 'selfManagedKafkaEventSourceConfig\.consumerGroupId' parameter/,
    });
    const kept = await update({ UUID, SelfManagedKafkaEventSourceConfig: {} });
    assert.deepEqual(kept.SelfManagedKafkaEventSourceConfig?.SchemaRegistryConfig, registry);
    const cleared = await update({ UUID, SelfManagedKafkaEventSourceConfig: { SchemaRegistryConfig: {} } });
    assert.deepEqual(cleared.SelfManagedKafkaEventSourceConfig, { ConsumerGroupId: "g" });

    const host = { Type: "VIRTUAL_HOST" as const, URI: "/" };
    const mq = { EventSourceArn: source.broker, Queues: ["q"], SourceAccessConfigurations: [...access, host] };
    const broker = await create(mq);
    await assert.rejects(update({ UUID: broker.UUID, SourceAccessConfigurations: [host] }), /VIRTUAL_HOST|Unsupported/);
    const other = [{ Type: "BASIC_AUTH" as const, URI: `${secret}2` }];
    const moved = await update({ UUID: broker.UUID, SourceAccessConfigurations: other });
    assert.deepEqual(moved.SourceAccessConfigurations, [...other, host]);
  });

  it("exist once for a source and a function, also when two are made at the same time", async (t) => {
    const { create, remove, store } = await start(t);
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () => create({ EventSourceArn: source.queue })),
    );
    const won = attempts.filter((attempt) => attempt.status === "fulfilled");
    assert.equal(won.length, 1);
    for (const attempt of attempts) {
      if (attempt.status === "rejected") assert.equal((attempt.reason as Error).name, "ResourceConflictException");
    }
    const stream = { EventSourceArn: source.table, StartingPosition: "LATEST" } as const;
    const first = await create(stream);
    await assert.rejects(create(stream), {
      message: `The event source arn (" ${source.table} ") and function (" f ") provided mapping already exists. Please update or delete the existing mapping with UUID ${first.UUID}`,
    });
    const topic = { Topics: ["topic"], SourceAccessConfigurations: access };
    const own = await create({ ...topic, SelfManagedEventSource: kafka("kafka:1000") });
    await assert.rejects(create({ ...topic, SelfManagedEventSource: kafka("kafka:1000", "kafka:2000") }), {
      message: `An event source mapping with event source ("kafka:1000,kafka:2000"), function ("${arn("f")}"), topics ("topic") already exists. Please update or delete the existing mapping with UUID ${own.UUID}`,
    });
    await create({ ...topic, Topics: ["topic_2"], SelfManagedEventSource: kafka("kafka:1000") });
    // Claims go with their mappings.
    for (const { value } of (await store.documents.list<{ uuid: string }>("event-source-mapping", "", { limit: 100 }))
      .items) {
      await remove(value.uuid);
    }
    assert.deepEqual((await store.documents.list("event-source-claim", "", { limit: 100 })).items, []);
  });

  it("are listed page by page, of a function or of a source", async (t) => {
    const { client, create } = await start(t);
    for (let index = 0; index < 5; index += 1) await create({ EventSourceArn: `${source.queue}-${index}` });
    await create({ EventSourceArn: source.queue, FunctionName: "f:1" });
    const list = async (filter: object) =>
      (await client.send(new ListEventSourceMappingsCommand(filter))).EventSourceMappings?.length;
    assert.equal(await list({}), 6);
    assert.equal(await list({ FunctionName: "f" }), 5);
    assert.equal(await list({ FunctionName: `${arn("f")}:1` }), 1);
    assert.equal(await list({ EventSourceArn: `${source.queue}-3` }), 1);
    assert.equal(await list({ FunctionName: "none", EventSourceArn: source.queue }), 0);
    const pages = [];
    for await (const page of paginateListEventSourceMappings({ client, pageSize: 2 }, { FunctionName: "f" })) {
      pages.push(page.EventSourceMappings?.length);
    }
    assert.deepEqual(pages, [2, 2, 1]);
  });

  it("are refused with AWS's words", async (t) => {
    const api = await start(t);
    await api.create({ EventSourceArn: source.taken });
    const before = await api.store.documents.list("event-source-mapping", "", { limit: 100 });
    for (const each of mappingRefusals) await t.test(each.title, () => checkRefusal(api, each));
    assert.deepEqual(await api.store.documents.list("event-source-mapping", "", { limit: 100 }), before);
    assert.deepEqual(api.faults, []);
  });
});
