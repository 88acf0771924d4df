/** Settings of asynchronous calls through the API, member by member as AWS answered the same calls. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionEventInvokeConfigCommand,
  type PutFunctionEventInvokeConfigRequest,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import { checkRefusal } from "./cases/check.ts";
import { eventInvokeCases } from "./cases/event-invoke.ts";
import { arn } from "./support.ts";

type Settings = Omit<PutFunctionEventInvokeConfigRequest, "FunctionName">;

/** Without what is different every time, after a look at its form. */
function stable<T extends { LastModified?: Date | undefined; $metadata?: unknown }>(config: T) {
  const { LastModified, $metadata: _, ...rest } = config;
  assert.ok(LastModified instanceof Date && Math.abs(LastModified.getTime() - Date.now()) < 60 * 60 * 1000);
  return rest;
}

async function put({ client }: TestApi, FunctionName: string, settings: Settings) {
  return stable(await client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...settings })));
}

async function update({ client }: TestApi, FunctionName: string, settings: Settings) {
  return stable(await client.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, ...settings })));
}

const nowhere = { DestinationConfig: { OnSuccess: {}, OnFailure: {} } };
const latest = { FunctionArn: `${arn("f")}:$LATEST` };
const queue = "arn:aws:sqs:us-east-1:123456789012:queue";
const bucket = "arn:aws:s3:::bucket";

/** Functions `f`, with version 1 and alias `live`, and `other`. */
async function start(context: Parameters<typeof startApi>[0]): Promise<TestApi> {
  const api = await startApi(context);
  await api.deploy("f", { Publish: true });
  await api.deploy("other");
  await api.client.send(new CreateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1" }));
  return api;
}

describe("settings of asynchronous calls", () => {
  it("are put as a whole and updated in parts", async (t) => {
    const api = await start(t);
    assert.deepEqual(await put(api, "f", { MaximumRetryAttempts: 0 }), {
      ...latest,
      ...nowhere,
      MaximumRetryAttempts: 0,
    });
    const age = { MaximumEventAgeInSeconds: 60 };
    assert.deepEqual(await put(api, "f", age), { ...latest, ...nowhere, ...age });
    assert.deepEqual(await update(api, "f:$LATEST", { MaximumRetryAttempts: 1 }), {
      ...latest,
      ...nowhere,
      ...age,
      MaximumRetryAttempts: 1,
    });
    const DestinationConfig = { OnSuccess: { Destination: arn("other") }, OnFailure: { Destination: queue } };
    assert.deepEqual(await update(api, "f", { DestinationConfig }), {
      ...latest,
      ...age,
      MaximumRetryAttempts: 1,
      DestinationConfig,
    });
    assert.deepEqual(await update(api, "f", { MaximumRetryAttempts: 2 }), {
      ...latest,
      ...age,
      MaximumRetryAttempts: 2,
      DestinationConfig,
    });
    const got = await api.client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName: arn("f") }));
    assert.deepEqual(stable(got), { ...latest, ...age, MaximumRetryAttempts: 2, DestinationConfig });
    assert.deepEqual(await update(api, "f", { DestinationConfig: { OnSuccess: {} } }), {
      ...latest,
      ...nowhere,
      ...age,
      MaximumRetryAttempts: 2,
    });
  });

  it("take every destination that events can go to", async (t) => {
    const api = await start(t);
    for (const Destination of [
      queue,
      "arn:aws:sns:us-east-1:123456789012:topic",
      "arn:aws:events:us-east-1:123456789012:event-bus/default",
      arn("other"),
      `${arn("other")}:1`,
    ]) {
      const DestinationConfig = { OnSuccess: { Destination }, OnFailure: { Destination } };
      assert.deepEqual(await put(api, "f", { DestinationConfig }), { ...latest, DestinationConfig });
    }
    const DestinationConfig = { OnSuccess: {}, OnFailure: { Destination: bucket } };
    assert.deepEqual(await put(api, "f", { DestinationConfig }), { ...latest, DestinationConfig });
    assert.deepEqual(await put(api, "f", { DestinationConfig: { OnFailure: { Destination: "" } } }), {
      ...latest,
      ...nowhere,
    });
  });

  it("belong to $LATEST, a version or an alias, and are listed and removed with it", async (t) => {
    const api = await start(t);
    const { client } = api;
    for (const [FunctionName, Qualifier] of [
      ["f", undefined],
      [`${arn("f")}:1`, "1"],
      ["f:live", undefined],
    ] as const) {
      await put(api, FunctionName, { Qualifier, MaximumRetryAttempts: 1 });
    }
    const pages: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(
        new ListFunctionEventInvokeConfigsCommand({ FunctionName: "f", MaxItems: 1, Marker }),
      );
      assert.equal(page.FunctionEventInvokeConfigs?.length, 1);
      pages.push(page.FunctionEventInvokeConfigs?.[0]?.FunctionArn);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(
      pages,
      ["$LATEST", "1", "live"].map((qualifier) => `${arn("f")}:${qualifier}`),
    );
    const deleted = await client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName: "f" }));
    assert.equal(deleted.$metadata.httpStatusCode, 204);
    await client.send(new DeleteAliasCommand({ FunctionName: "f", Name: "live" }));
    const left = await client.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: "f" }));
    assert.deepEqual(
      left.FunctionEventInvokeConfigs?.map(({ FunctionArn }) => FunctionArn),
      [`${arn("f")}:1`],
    );
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual((await api.store.documents.list("event-invoke-config", "", { limit: 10 })).items, []);
  });

  it("are refused with AWS's words", async (t) => {
    const api = await start(t);
    await put(api, "f:1", { MaximumRetryAttempts: 1 });
    const stored = () => api.store.documents.list("event-invoke-config", "", { limit: 10 });
    const before = await stored();
    for (const each of eventInvokeCases) await t.test(each.title, () => checkRefusal(api, each));
    assert.deepEqual(await stored(), before);
    assert.deepEqual(api.faults, []);
  });
});
