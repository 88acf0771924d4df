/** Recursion and the management of runtimes through the API. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  DeleteFunctionCommand,
  GetFunctionRecursionConfigCommand,
  GetRuntimeManagementConfigCommand,
  PutFunctionRecursionConfigCommand,
  PutRuntimeManagementConfigCommand,
  UpdateFunctionConfigurationCommand,
  type PutRuntimeManagementConfigRequest,
} from "@aws-sdk/client-lambda";
import type { Runtimes } from "../../src/artifacts/contract.ts";
import { startApi } from "./api.ts";
import { checkRefusal } from "./cases/check.ts";
import { smallSettingsCases, versionArn } from "./cases/small-settings.ts";
import { arn, testRuntimes } from "./support.ts";

/** With the ARNs that AWS's constraints ask for. */
const runtimes: Runtimes = {
  ...testRuntimes,
  image: (id) => {
    const image = testRuntimes.image(id);
    return image && { ...image, versionArn };
  },
};

describe("recursion of a function", () => {
  it("ends until it is allowed", async (t) => {
    const { client, deploy, functions } = await startApi(t);
    await deploy("f");
    const shown = async () => {
      const { $metadata, ...rest } = await client.send(new GetFunctionRecursionConfigCommand({ FunctionName: "f" }));
      assert.equal($metadata.httpStatusCode, 200);
      return rest;
    };
    assert.deepEqual(await shown(), { RecursiveLoop: "Terminate" });
    for (const RecursiveLoop of ["Allow", "Terminate", "Allow"] as const) {
      const put = await client.send(new PutFunctionRecursionConfigCommand({ FunctionName: arn("f"), RecursiveLoop }));
      assert.equal(put.RecursiveLoop, RecursiveLoop);
      assert.deepEqual(await shown(), { RecursiveLoop });
    }
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
    await functions.settled();
    assert.deepEqual(await shown(), { RecursiveLoop: "Allow" });
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    await deploy("f");
    assert.deepEqual(await shown(), { RecursiveLoop: "Terminate" });
  });
});

describe("the management of runtimes", () => {
  it("is a setting of each version", async (t) => {
    const { client, deploy, store } = await startApi(t, { runtimes });
    await deploy("f", { Publish: true });
    const shown = async (FunctionName: string) => {
      const { $metadata: _, ...rest } = await client.send(new GetRuntimeManagementConfigCommand({ FunctionName }));
      return rest;
    };
    const put = async (settings: Omit<PutRuntimeManagementConfigRequest, "FunctionName">) => {
      const { $metadata, ...rest } = await client.send(
        new PutRuntimeManagementConfigCommand({ FunctionName: "f", ...settings }),
      );
      assert.equal($metadata.httpStatusCode, 200);
      return rest;
    };
    const latest = { FunctionArn: `${arn("f")}:$LATEST` };
    const first = { FunctionArn: `${arn("f")}:1` };
    assert.deepEqual(await shown("f"), { ...latest, UpdateRuntimeOn: "Auto" });
    const manual = { UpdateRuntimeOn: "Manual", RuntimeVersionArn: versionArn } as const;
    assert.deepEqual(await put(manual), { ...latest, ...manual });
    assert.deepEqual(await shown("f:$LATEST"), { ...latest, ...manual });
    assert.deepEqual(await shown("f:1"), { ...first, UpdateRuntimeOn: "Auto" });
    const update = { Qualifier: "1", UpdateRuntimeOn: "FunctionUpdate" } as const;
    assert.deepEqual(await put(update), { ...first, UpdateRuntimeOn: "FunctionUpdate" });
    assert.deepEqual(await put({ UpdateRuntimeOn: "Auto" }), { ...latest, UpdateRuntimeOn: "Auto" });
    assert.deepEqual(await shown("f:1"), { ...first, UpdateRuntimeOn: "FunctionUpdate" });
    await client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
    const left = await store.documents.list("runtime-management-config", "", { limit: 10 });
    assert.equal(left.items.length, 1);
  });
});

it("mistakes in these settings are refused", async (t) => {
  const api = await startApi(t, { runtimes });
  await api.deploy("f", { Publish: true });
  for (const each of smallSettingsCases) await t.test(each.title, () => checkRefusal(api, each));
  assert.deepEqual((await api.store.documents.list("runtime-management-config", "", { limit: 10 })).items, []);
  assert.deepEqual(api.faults, []);
});
