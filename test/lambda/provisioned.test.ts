/** Provisioned concurrency through the real wire and the real data plane, down to a worker that answers when told. */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetAccountSettingsCommand,
  GetProvisionedConcurrencyConfigCommand,
  InvokeCommand,
  ListProvisionedConcurrencyConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { createFakeWorker, type FakeEnvironment } from "../../src/invoke/testing/fake-worker.ts";
import { startApi } from "./api.ts";
import { arn } from "./support.ts";

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/;
const rateExceeded = (reason: string) => ({ name: "TooManyRequestsException", Reason: reason });

/** What does not come true within many turns never will. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await condition()); turn += 1) {
    assert.ok(turn < 3000, `never: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function open(t: TestContext) {
  const worker = createFakeWorker(Date.now);
  const api = await startApi(t, { worker });
  const { client, functions } = api;
  await api.deploy("f", { Publish: true });
  return {
    ...api,
    worker,
    put: (Qualifier: string, count: number, FunctionName = "f") =>
      client.send(
        new PutProvisionedConcurrencyConfigCommand({
          FunctionName,
          Qualifier,
          ProvisionedConcurrentExecutions: count,
        }),
      ),
    get: async (Qualifier: string) => {
      const answer = await client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName: "f", Qualifier }));
      const { $metadata: _, LastModified, ...rest } = answer;
      assert.match(LastModified ?? "", time);
      return rest;
    },
    remove: (Qualifier: string) =>
      client.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: "f", Qualifier })),
    call: (Qualifier: string) => client.send(new InvokeCommand({ FunctionName: "f", Qualifier })),
    alias: (Name: string, FunctionVersion: string) =>
      client.send(new CreateAliasCommand({ FunctionName: "f", Name, FunctionVersion })),
    publishNext: async (timeout: number): Promise<string> => {
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: timeout }));
      await functions.settled();
      return (await client.send(new PublishVersionCommand({ FunctionName: "f" }))).Version ?? "";
    },
    unreserved: async (): Promise<number | undefined> => {
      return (await client.send(new GetAccountSettingsCommand({}))).AccountLimit?.UnreservedConcurrentExecutions;
    },
    provisioned: (): FakeEnvironment[] =>
      worker.alive.filter(({ initializationType }) => initializationType === "provisioned-concurrency"),
  };
}

describe("provisioned concurrency", { timeout: 60_000 }, () => {
  it("keeps environments of a version, which its calls take first", async (t) => {
    const { worker, put, get, call, remove, client, provisioned, unreserved, faults } = await open(t);
    const asked = await put("1", 2);
    assert.equal(asked.$metadata.httpStatusCode, 202);
    assert.partialDeepStrictEqual(JSON.parse(JSON.stringify(asked)), {
      RequestedProvisionedConcurrentExecutions: 2,
      AllocatedProvisionedConcurrentExecutions: 0,
      AvailableProvisionedConcurrentExecutions: 0,
      Status: "IN_PROGRESS",
    });
    await until(async () => (await get("1")).Status === "READY");
    const ready = {
      RequestedProvisionedConcurrentExecutions: 2,
      AllocatedProvisionedConcurrentExecutions: 2,
      AvailableProvisionedConcurrentExecutions: 2,
      Status: "READY" as const,
    };
    assert.deepEqual(await get("1"), ready);
    assert.equal(await unreserved(), 998);
    const listed = await client.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: "f" }));
    assert.deepEqual(
      listed.ProvisionedConcurrencyConfigs?.map((item) => ({ ...item, LastModified: undefined })),
      [{ FunctionArn: `${arn("f")}:1`, ...ready, LastModified: undefined }],
    );

    const calls = [call("1"), call("1"), call("1")];
    await until(() => worker.environments.filter(({ calls: had }) => had === 1).length === 3);
    assert.deepEqual(
      worker.environments.map(({ initializationType }) => initializationType),
      ["provisioned-concurrency", "provisioned-concurrency", "on-demand"],
    );
    for (const environment of worker.environments) environment.answer();
    await Promise.all(calls);

    provisioned()[0]?.die();
    await until(
      async () => provisioned().length === 2 && (await get("1")).AvailableProvisionedConcurrentExecutions === 2,
    );

    await put("1", 1);
    await until(() => provisioned().length === 1);
    assert.equal((await remove("1")).$metadata.httpStatusCode, 204);
    await until(() => provisioned().length === 0);
    await remove("1");
    assert.equal(await unreserved(), 1000);
    await assert.rejects(get("1"), { name: "ProvisionedConcurrencyConfigNotFoundException" });
    assert.deepEqual(faults, []);
  });

  it("says that a function does not initialise", async (t) => {
    const { worker, put, get, provisioned } = await open(t);
    worker.initFailure = "Runtime.ImportModuleError";
    await put("1", 1);
    await until(async () => (await get("1")).Status === "FAILED");
    assert.deepEqual(await get("1"), {
      RequestedProvisionedConcurrentExecutions: 1,
      AllocatedProvisionedConcurrentExecutions: 0,
      AvailableProvisionedConcurrentExecutions: 0,
      Status: "FAILED",
      StatusReason: "FUNCTION_ERROR_INIT_FAILURE",
    });
    worker.initFailure = undefined;
    await until(() => provisioned().length === 0);
    await put("1", 1);
    await until(async () => (await get("1")).Status === "READY");
  });

  it("is set aside within a reservation, and bounded by it", async (t) => {
    const { client, put, get, call, worker, publishNext, unreserved } = await open(t);
    const reserve = (count: number) =>
      client.send(new PutFunctionConcurrencyCommand({ FunctionName: "f", ReservedConcurrentExecutions: count }));
    await put("1", 2);
    await until(async () => (await get("1")).Status === "READY");
    await assert.rejects(reserve(1), {
      name: "InvalidParameterValueException",
      message:
        " ReservedConcurrentExecutions  1 should not be lower than function's total provisioned concurrency [2].",
    });
    await reserve(2);
    assert.equal(await unreserved(), 998);
    const tooMuch = {
      name: "InvalidParameterValueException",
      message:
        "Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function",
    };
    const next = await publishNext(9);
    await assert.rejects(put(next, 1), tooMuch);
    await assert.rejects(put("1", 3), tooMuch);
    await assert.rejects(call("$LATEST"), rateExceeded("ReservedFunctionConcurrentInvocationLimitExceeded"));
    const calls = [call("1"), call("1")];
    await until(() => worker.environments.filter(({ calls: had }) => had === 1).length === 2);
    await assert.rejects(call("1"), rateExceeded("ReservedFunctionConcurrentInvocationLimitExceeded"));
    for (const environment of worker.environments) environment.answer();
    await Promise.all(calls);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "f" }));
    assert.equal(await unreserved(), 998);
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.equal(await unreserved(), 1000);
    await until(() => worker.alive.length === 0);
  });

  it("follows an alias, and goes with it", async (t) => {
    const { client, put, get, alias, call, worker, publishNext, provisioned, unreserved, remove } = await open(t);
    await alias("live", "1");
    await put("1", 1);
    await assert.rejects(put("live", 1), {
      name: "ResourceConflictException",
      message: "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    });
    await remove("1");
    await put("live", 1);
    await assert.rejects(put("1", 1), {
      name: "ResourceConflictException",
      message: "Version is pointed by a Provisioned Concurrency alias",
    });
    await until(async () => (await get("live")).Status === "READY");
    const [before] = provisioned();
    const answer = call("live");
    await until(() => before?.calls === 1);
    before?.answer();
    assert.equal((await answer).ExecutedVersion, "1");

    const next = await publishNext(9);
    await client.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: next }));
    await until(
      async () => (await get("live")).Status === "READY" && !provisioned().includes(before as FakeEnvironment),
    );
    const [after] = provisioned();
    const moved = call(next);
    await until(() => after?.calls === 1);
    after?.answer();
    assert.equal((await moved).ExecutedVersion, next);
    await assert.rejects(get(next), { name: "ProvisionedConcurrencyConfigNotFoundException" });

    await client.send(new DeleteAliasCommand({ FunctionName: "f", Name: "live" }));
    await until(() => provisioned().length === 0);
    assert.equal(await unreserved(), 1000);
    await alias("canary", "1");
    await client.send(
      new UpdateAliasCommand({
        FunctionName: "f",
        Name: "canary",
        RoutingConfig: { AdditionalVersionWeights: { [next]: 0.1 } },
      }),
    );
    await assert.rejects(put("canary", 1), {
      name: "InvalidParameterValueException",
      message: "Alias with weights can not be used with Provisioned Concurrency",
    });
    assert.equal(worker.failNext, undefined);
  });
});
