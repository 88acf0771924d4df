/** Answers of the API to good input, member by member as AWS answered the same calls. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  type ListFunctionsCommandOutput,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { startApi } from "./api.ts";
import { arn, request, role } from "./support.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/;

function shaOf(code: string): string {
  return createHash("sha256").update(code).digest("base64");
}

/** What lists show of a function with nothing but defaults. */
function defaults(name: string) {
  return {
    FunctionName: name,
    FunctionArn: arn(name),
    Runtime: "nodejs24.x",
    Role: role,
    Handler: "index.handler",
    CodeSize: `code of ${name}`.length,
    CodeSha256: shaOf(`code of ${name}`),
    Description: "",
    Timeout: 3,
    MemorySize: 128,
    Version: "$LATEST",
    TracingConfig: { Mode: "PassThrough" },
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: `/aws/lambda/${name}` },
  };
}

const runtimeVersion = { RuntimeVersionConfig: { RuntimeVersionArn: "arn:kiln:runtime:nodejs24.x" } };
const pending = { State: "Pending", StateReason: "The function is being created.", StateReasonCode: "Creating" };
const active = { State: "Active", LastUpdateStatus: "Successful" };
const updating = {
  State: "Active",
  LastUpdateStatus: "InProgress",
  LastUpdateStatusReason: "The function is being created.",
  LastUpdateStatusReasonCode: "Creating",
};

/** Without what is different every time, after a look at its form. */
function stable<T extends { RevisionId?: string | undefined; LastModified?: string | undefined }>(configuration: T) {
  const { RevisionId, LastModified, $metadata: _, ...rest } = configuration as T & { $metadata?: unknown };
  assert.match(RevisionId ?? "", uuid);
  assert.match(LastModified ?? "", time);
  return rest;
}

describe("the Lambda API", () => {
  it("creates, shows, changes and deletes a function", async (t) => {
    const { client, functions, artifacts, faults } = await startApi(t);
    artifacts.hold();
    const created = await client.send(new CreateFunctionCommand(request("f")));
    assert.equal(created.$metadata.httpStatusCode, 201);
    assert.deepEqual(stable(created), { ...defaults("f"), ...runtimeVersion, ...pending });
    artifacts.release();
    await waitUntilFunctionActiveV2({ client, maxWaitTime: 10, minDelay: 1, maxDelay: 1 }, { FunctionName: "f" });

    const shown = await client.send(new GetFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual(stable(shown.Configuration ?? {}), { ...defaults("f"), ...runtimeVersion, ...active });
    assert.equal(shown.Code?.RepositoryType, "S3");
    assert.equal(shown.Tags, undefined);
    const qualified = await client.send(
      new GetFunctionConfigurationCommand({ FunctionName: arn("f"), Qualifier: "$LATEST" }),
    );
    assert.equal(qualified.FunctionArn, `${arn("f")}:$LATEST`);

    artifacts.hold();
    const configured = await client.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName: "f",
        Description: "Changed",
        Timeout: 10,
        MemorySize: 512,
        Runtime: "nodejs22.x",
        Environment: { Variables: { ENV_A: "a" } },
      }),
    );
    const changes = {
      Description: "Changed",
      Timeout: 10,
      MemorySize: 512,
      Runtime: "nodejs22.x",
      Environment: { Variables: { ENV_A: "a" } },
      RuntimeVersionConfig: { RuntimeVersionArn: "arn:kiln:runtime:nodejs22.x" },
    };
    assert.deepEqual(stable(configured), { ...defaults("f"), ...changes, ...updating });
    artifacts.release();
    await functions.settled();
    const code = await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: "123456789012:function:f", ZipFile: Buffer.from("new code") }),
    );
    assert.deepEqual([code.CodeSha256, code.CodeSize], [shaOf("new code"), 8]);
    await functions.settled();

    const deleted = await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.equal(deleted.$metadata.httpStatusCode, 204);
    await assert.rejects(client.send(new GetFunctionCommand({ FunctionName: "f" })), {
      name: "ResourceNotFoundException",
    });
    assert.deepEqual(faults, []);
  });

  it("publishes on creation and later", async (t) => {
    const { client, functions } = await startApi(t);
    const created = await client.send(new CreateFunctionCommand(request("f", { Publish: true, Tags: { a: "b" } })));
    assert.deepEqual(stable(created), { ...defaults("f"), ...runtimeVersion, ...pending, Version: "1" });
    await functions.settled();
    const shown = await client.send(new GetFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
    assert.deepEqual(stable(shown.Configuration ?? {}), {
      ...defaults("f"),
      ...runtimeVersion,
      ...active,
      Version: "1",
      FunctionArn: `${arn("f")}:1`,
    });
    assert.deepEqual(shown.Tags, { a: "b" });
    const again = await client.send(new PublishVersionCommand({ FunctionName: "f" }));
    assert.equal(again.$metadata.httpStatusCode, 201);
    assert.deepEqual(stable(again), stable(shown.Configuration ?? {}));
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Description: "new" }));
    await functions.settled();
    const { RevisionId, CodeSha256 } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
    const second = await client.send(
      new PublishVersionCommand({ FunctionName: "f", Description: "second", RevisionId, CodeSha256 }),
    );
    assert.deepEqual([second.Version, second.Description, second.FunctionArn], ["2", "second", `${arn("f")}:2`]);

    const listed = await client.send(new ListVersionsByFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual(
      listed.Versions?.map(({ FunctionArn, Version, Description }) => [FunctionArn, Version, Description]),
      [
        [`${arn("f")}:$LATEST`, "$LATEST", "new"],
        [`${arn("f")}:1`, "1", ""],
        [`${arn("f")}:2`, "2", "second"],
      ],
    );
    assert.deepEqual(stable(listed.Versions?.[1] ?? {}), {
      ...defaults("f"),
      Version: "1",
      FunctionArn: `${arn("f")}:1`,
    });
    await client.send(new DeleteFunctionCommand({ FunctionName: "f:1" }));
    // Deleting a version that is not there is no error.
    await client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1233" }));
    const left = await client.send(new ListVersionsByFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual(
      left.Versions?.map(({ Version }) => Version),
      ["$LATEST", "2"],
    );
  });

  it("publishes new code", async (t) => {
    const { client, deploy, artifacts } = await startApi(t);
    await deploy("f");
    artifacts.hold();
    const update = { FunctionName: "f", ZipFile: Buffer.from("new"), Publish: true };
    const published = await client.send(new UpdateFunctionCodeCommand(update));
    assert.deepEqual(stable(published), {
      ...defaults("f"),
      ...runtimeVersion,
      ...pending,
      Version: "1",
      FunctionArn: `${arn("f")}:1`,
      CodeSha256: shaOf("new"),
      CodeSize: 3,
    });
    const latest = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
    assert.equal(latest.LastUpdateStatus, "InProgress");
  });

  it("checks code without changing it", async (t) => {
    const { client, deploy, functions, artifacts } = await startApi(t);
    await deploy("f");
    const before = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
    const update = { FunctionName: "f", ZipFile: Buffer.from("new"), DryRun: true };
    const dry = await client.send(new UpdateFunctionCodeCommand(update));
    assert.equal(dry.CodeSha256, shaOf("new"));
    const after = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
    assert.deepEqual({ ...after, $metadata: 0 }, { ...before, $metadata: 0 });
    await functions.settled();
    assert.equal(artifacts.stored.size, 1);
  });

  it("lists in pages of at most 50", async (t) => {
    const { client, functions } = await startApi(t);
    const names = Array.from({ length: 70 }, (_, index) => `f${String(index).padStart(2, "0")}`);
    await Promise.all(names.map((name) => client.send(new CreateFunctionCommand(request(name, { Publish: true })))));
    await functions.settled();
    const pages: string[][] = [];
    let Marker: string | undefined;
    do {
      const page: ListFunctionsCommandOutput = await client.send(
        new ListFunctionsCommand({ Marker, MaxItems: 10_000 }),
      );
      pages.push(page.Functions?.map(({ FunctionName = "" }) => FunctionName) ?? []);
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(
      pages.map(({ length }) => length),
      [50, 20],
    );
    assert.deepEqual(pages.flat(), names);

    const everything: string[] = [];
    do {
      const page: ListFunctionsCommandOutput = await client.send(
        new ListFunctionsCommand({ FunctionVersion: "ALL", Marker, MaxItems: 7 }),
      );
      assert.ok((page.Functions?.length ?? 0) <= 7);
      everything.push(...(page.Functions?.map(({ FunctionArn = "" }) => FunctionArn) ?? []));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(
      everything,
      names.flatMap((name) => [`${arn(name)}:$LATEST`, `${arn(name)}:1`]),
    );
    const [first] = (await client.send(new ListFunctionsCommand({ MaxItems: 1 }))).Functions ?? [];
    assert.deepEqual(stable(first ?? {}), defaults("f00"));

    const settings = await client.send(new GetAccountSettingsCommand({}));
    assert.deepEqual(settings.AccountUsage, { FunctionCount: 70, TotalCodeSize: 70 * 2 * "code of f00".length });
    assert.deepEqual(settings.AccountLimit, {
      TotalCodeSize: 80_530_636_800,
      CodeSizeUnzipped: 262_144_000,
      CodeSizeZipped: 52_428_800,
      ConcurrentExecutions: 1000,
      UnreservedConcurrentExecutions: 1000,
    });
  });

  it("lists versions in pages", async (t) => {
    const { client, deploy, functions } = await startApi(t);
    await deploy("f");
    for (let version = 1; version <= 12; version += 1) {
      await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: version + 5 }));
      await functions.settled();
      await client.send(new PublishVersionCommand({ FunctionName: "f" }));
    }
    const versions: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new ListVersionsByFunctionCommand({ FunctionName: "f", MaxItems: 5, Marker }));
      versions.push(...(page.Versions?.map(({ Version }) => Version) ?? []));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(versions, ["$LATEST", ...Array.from({ length: 12 }, (_, index) => String(index + 1))]);
  });

  it("keeps logging settings as AWS does", async (t) => {
    const { client, deploy, functions } = await startApi(t);
    await deploy("f");
    const group = "/aws/lambda/f";
    for (const [LoggingConfig, shown] of [
      [
        { LogFormat: "JSON" },
        { LogFormat: "JSON", ApplicationLogLevel: "INFO", SystemLogLevel: "INFO", LogGroup: group },
      ],
      [
        { ApplicationLogLevel: "DEBUG" },
        { LogFormat: "JSON", ApplicationLogLevel: "DEBUG", SystemLogLevel: "INFO", LogGroup: group },
      ],
      [{ LogFormat: "Text" }, { LogFormat: "Text", LogGroup: group }],
      [{ LogGroup: "cool_lambda" }, { LogFormat: "Text", LogGroup: "cool_lambda" }],
    ] as const) {
      const answer = await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", LoggingConfig }));
      assert.deepEqual(answer.LoggingConfig, shown);
      await functions.settled();
    }
  });
});
