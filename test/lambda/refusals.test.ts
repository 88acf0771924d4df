/**
 * Bad input through the API: codes, statuses and messages. Where AWS's own answer to the same mistake is known it is
 * repeated word for word; messages that begin otherwise are about what Kiln does not have.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import type { Case } from "./cases/case.ts";
import { changeCases } from "./cases/change.ts";
import { provisionedCases, reservedCases } from "./cases/concurrency.ts";
import { createCases } from "./cases/create.ts";
import { nameCases } from "./cases/names.ts";
import { request } from "./support.ts";

async function check(api: TestApi, { send, status, code, message }: Case): Promise<void> {
  await assert.rejects(send(api), (thrown: LambdaServiceException) => {
    assert.deepEqual([thrown.$metadata.httpStatusCode, thrown.name], [status, code], thrown.message);
    if (typeof message === "string") assert.equal(thrown.message, message);
    else assert.match(thrown.message, message);
    return true;
  });
}

describe("refusals", () => {
  it("say what is wrong, and change nothing", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    const before = await api.store.documents.list("function", "", { limit: 100 });
    for (const each of [...createCases, ...changeCases, ...nameCases, ...reservedCases, ...provisionedCases])
      await t.test(each.title, () => check(api, each));
    await api.functions.settled();
    assert.deepEqual(await api.store.documents.list("function", "", { limit: 100 }), before);
    assert.equal(api.artifacts.stored.size, 1);
    assert.deepEqual(api.faults, []);
    assert.deepEqual(api.reports, []);
  });

  it("keep an account within its code storage", async (t) => {
    const full = await startApi(t, { limits: { totalCodeSize: 25 } });
    await full.deploy("f");
    const exceeded = { status: 400, code: "CodeStorageExceededException", message: "Code storage limit exceeded." };
    const big = { ZipFile: Buffer.alloc(17) };
    await check(full, {
      title: "",
      ...exceeded,
      send: () => full.client.send(new CreateFunctionCommand(request("g", { Code: big }))),
    });
    await check(full, {
      title: "",
      ...exceeded,
      send: () => full.client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ...big })),
    });
    await full.client.send(new PublishVersionCommand({ FunctionName: "f" }));
    await full.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
    await full.functions.settled();
    await check(full, {
      title: "",
      ...exceeded,
      send: () => full.client.send(new PublishVersionCommand({ FunctionName: "f" })),
    });
  });

  it("pass what asks for nothing, and keep what has no effect yet", async (t) => {
    const { client } = await startApi(t);
    const answer = await client.send(
      new CreateFunctionCommand(
        request("f", {
          VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
          Layers: [],
          FileSystemConfigs: [],
          ImageConfig: {},
          KMSKeyArn: "",
          TracingConfig: { Mode: "Active" },
          SnapStart: { ApplyOn: "None" },
          DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" },
          Environment: { Variables: {} },
        }),
      ),
    );
    assert.deepEqual(answer.TracingConfig, { Mode: "Active" });
    assert.deepEqual(answer.DeadLetterConfig, { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" });
    assert.deepEqual(answer.Environment, { Variables: {} });
    assert.equal(answer.VpcConfig, undefined);
  });
});
