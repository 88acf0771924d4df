/** Reserved concurrency through the real wire and the real data plane, down to a worker that answers when told. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  type LambdaClient,
  PutFunctionConcurrencyCommand,
} from "@aws-sdk/client-lambda";
import { createFakeWorker } from "../../src/invoke/testing/fake-worker.ts";
import { startApi, type TestApi } from "./api.ts";
import { scope } from "./support.ts";

const reserve = (client: LambdaClient, name: string, reserved: number) =>
  client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: reserved }));

async function unreserved({ client }: TestApi): Promise<number | undefined> {
  return (await client.send(new GetAccountSettingsCommand({}))).AccountLimit?.UnreservedConcurrentExecutions;
}

const refused = (minimum: number) => ({
  name: "InvalidParameterValueException",
  message: `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${minimum}].`,
});

const throttledBy = (reason: string) => ({
  name: "TooManyRequestsException",
  message: "Rate Exceeded.",
  Reason: reason,
  Type: "User",
  retryAfterSeconds: "1",
});

/** What does not come true within many thousand turns never will. */
async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    assert.ok(turn < 3000, `never: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

describe("reserved concurrency", { timeout: 60_000 }, () => {
  it("is set, shown, changed and taken back", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    await api.deploy("f");
    await api.deploy("g");
    assert.equal(
      (await client.send(new GetFunctionConcurrencyCommand({ FunctionName: "f" }))).ReservedConcurrentExecutions,
      undefined,
    );
    assert.equal((await client.send(new GetFunctionCommand({ FunctionName: "f" }))).Concurrency, undefined);
    for (const reserved of [0, 900, 123]) {
      const answer = await reserve(client, "f", reserved);
      assert.deepEqual([answer.$metadata.httpStatusCode, answer.ReservedConcurrentExecutions], [200, reserved]);
      const { ReservedConcurrentExecutions } = await client.send(
        new GetFunctionConcurrencyCommand({ FunctionName: "f" }),
      );
      assert.equal(ReservedConcurrentExecutions, reserved);
      assert.equal(await unreserved(api), 1000 - reserved);
    }
    const { Concurrency } = await client.send(new GetFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual(Concurrency, { ReservedConcurrentExecutions: 123 });
    await assert.rejects(reserve(client, "g", 778), refused(100));
    await reserve(client, "g", 777);
    assert.equal(await unreserved(api), 100);
    const deleted = await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "f" }));
    assert.equal(deleted.$metadata.httpStatusCode, 204);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "f" }));
    assert.equal(await unreserved(api), 223);
    await client.send(new DeleteFunctionCommand({ FunctionName: "g" }));
    assert.equal(await unreserved(api), 1000);
    await reserve(client, "f", 5);
    await api.restart();
    assert.equal(api.functions.concurrency.unreserved(scope), 995);
    await api.functions.remove(scope, "f");
    assert.deepEqual((await api.store.documents.list("concurrency-ledger", "", { limit: 10 })).items[0]?.value, {
      held: {},
    });
  });

  it("cannot be had in an account as small as AWS makes new ones", async (t) => {
    const { client, deploy } = await startApi(t, { limits: { concurrentExecutions: 10 } });
    await deploy("f");
    await assert.rejects(reserve(client, "f", 1), refused(10));
    await reserve(client, "f", 0);
  });

  it("is given to one of two functions that ask for the last of it at once", async (t) => {
    const api = await startApi(t);
    const names = ["a", "b", "c", "d"];
    for (const name of names) await api.deploy(name);
    const answers = await Promise.allSettled(names.map((name) => reserve(api.client, name, 500)));
    assert.equal(answers.filter(({ status }) => status === "fulfilled").length, 1);
    assert.equal(await unreserved(api), 500);
    assert.deepEqual(api.faults, []);
  });

  it("throttles at once, and leaves alone what runs", async (t) => {
    const worker = createFakeWorker(Date.now);
    const api = await startApi(t, { worker, limits: { concurrentExecutions: 2 } });
    const { client } = api;
    await api.deploy("f");
    await api.deploy("g");
    const call = (name: string) => client.send(new InvokeCommand({ FunctionName: name }));
    const running = call("f");
    await until(() => worker.environments.length === 1);

    await reserve(client, "f", 0);
    await assert.rejects(call("f"), throttledBy("ReservedFunctionConcurrentInvocationLimitExceeded"));
    await until(() => worker.environments[0]?.calls === 1);
    worker.environments[0]?.answer();
    assert.equal((await running).StatusCode, 200);
    await assert.rejects(call("f"), { name: "TooManyRequestsException" });

    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "f" }));
    const both = [call("f"), call("g")];
    await until(() => worker.environments.filter(({ idle }) => !idle).length === 2);
    await assert.rejects(call("g"), throttledBy("ConcurrentInvocationLimitExceeded"));
    for (const environment of worker.environments) environment.answer();
    await Promise.all(both);
    assert.deepEqual(api.faults, []);
  });
});
