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
import { startApi, type TestApi } from "./api.ts";
import { invalid, mismatch, missing, violated, type Case } from "./cases/case.ts";
import { checkRefusal } from "./cases/check.ts";
import { arn, testRuntimes } from "./support.ts";

const versionArn = `arn:aws:lambda:us-east-1::runtime:${"a".repeat(64)}`;
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

const recursion = (FunctionName: string, RecursiveLoop: string) => ({
  title: `PutFunctionRecursionConfig: ${FunctionName} ${RecursiveLoop}`,
  send: ({ client }: TestApi) =>
    client.send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: RecursiveLoop as "Allow" })),
});

const cases: Case[] = [
  {
    ...recursion("f", "Invalid"),
    ...violated,
    message:
      "1 validation error detected: Value 'Invalid' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
  },
  { ...recursion("g", "Allow"), ...missing, message: `Function not found: ${arn("g")}` },
  { ...recursion("f:1", "Allow"), ...violated, message: /at 'functionName' failed to satisfy constraint/ },
  {
    title: "GetFunctionRecursionConfig",
    send: ({ client }) => client.send(new GetFunctionRecursionConfigCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  ...["g", "f:7", "f:alias"].flatMap((FunctionName): Case[] => {
    const expected = {
      ...missing,
      message: `Function not found: ${arn(FunctionName)}${FunctionName === "g" ? ":$LATEST" : ""}`,
    };
    return [
      {
        title: `GetRuntimeManagementConfig: ${FunctionName}`,
        send: ({ client }) => client.send(new GetRuntimeManagementConfigCommand({ FunctionName })),
        ...expected,
      },
      {
        title: `PutRuntimeManagementConfig: ${FunctionName}`,
        send: ({ client }) =>
          client.send(new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: "Auto" })),
        ...expected,
      },
    ];
  }),
  ...(
    [
      ["Manual without a version", { UpdateRuntimeOn: "Manual" }, invalid, /^RuntimeVersionArn must be given/],
      [
        "Auto with a version",
        { UpdateRuntimeOn: "Auto", RuntimeVersionArn: versionArn },
        invalid,
        /^RuntimeVersionArn can only be given/,
      ],
      [
        "a version that is not here",
        { UpdateRuntimeOn: "Manual", RuntimeVersionArn: `${versionArn}b` },
        invalid,
        `The runtime version ${versionArn}b is not on this host. The function runs on ${versionArn}.`,
      ],
      [
        "no ARN of a version",
        { UpdateRuntimeOn: "Manual", RuntimeVersionArn: "arn:aws:lambda:us-east-1:runtime" },
        violated,
        /at 'runtimeVersionArn' failed to satisfy constraint/,
      ],
      [
        "an unknown mode",
        { UpdateRuntimeOn: "Never" as "Auto" },
        violated,
        /at 'updateRuntimeOn' failed to satisfy constraint: Member must satisfy enum value set/,
      ],
      ["two qualifiers", { FunctionName: "f:1", Qualifier: "2", UpdateRuntimeOn: "Auto" }, invalid, mismatch],
    ] as const
  ).map(([title, input, expected, message]) => ({
    title: `PutRuntimeManagementConfig: ${title}`,
    send: ({ client }: TestApi) => client.send(new PutRuntimeManagementConfigCommand({ FunctionName: "f", ...input })),
    ...expected,
    message,
  })),
];

it("mistakes in these settings are refused", async (t) => {
  const api = await startApi(t, { runtimes });
  await api.deploy("f", { Publish: true });
  for (const each of cases) await t.test(each.title, () => checkRefusal(api, each));
  assert.deepEqual((await api.store.documents.list("runtime-management-config", "", { limit: 10 })).items, []);
  assert.deepEqual(api.faults, []);
});
