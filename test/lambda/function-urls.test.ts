/** Configurations of function URLs, with the official client. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
  paginateListFunctionUrlConfigs,
  type Cors,
  type LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import type { Case } from "./cases/case.ts";
import { arn } from "./support.ts";

const cors: Cors = {
  AllowCredentials: true,
  AllowHeaders: ["content-type"],
  AllowMethods: ["GET", "*"],
  AllowOrigins: ["https://a.example"],
  ExposeHeaders: ["x-mine"],
  MaxAge: 600,
};

describe("function URL configurations", () => {
  it("live as AWS's do", async (t) => {
    const { client, url, deploy } = await startApi(t);
    await deploy("f");
    const named = { FunctionName: "f" };
    const { $metadata, ...created } = await client.send(
      new CreateFunctionUrlConfigCommand({ ...named, AuthType: "NONE" }),
    );
    assert.equal($metadata.httpStatusCode, 201);
    const pattern = new RegExp(
      `^http://[a-z2-7]{32}\\.lambda-url\\.us-east-1\\.localhost:${new globalThis.URL(url).port}/$`,
    );
    assert.match(created.FunctionUrl ?? "", pattern);
    assert.match(created.CreationTime ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
    const { CreationTime, FunctionUrl } = created;
    const base = { FunctionUrl, FunctionArn: arn("f"), CreationTime };
    assert.deepEqual(created, { ...base, AuthType: "NONE" });

    const got = await client.send(new GetFunctionUrlConfigCommand(named));
    assert.equal(got.InvokeMode, "BUFFERED");
    assert.equal(got.LastModifiedTime, CreationTime);

    const { $metadata: _, ...updated } = await client.send(
      new UpdateFunctionUrlConfigCommand({ ...named, AuthType: "AWS_IAM", Cors: cors }),
    );
    const { LastModifiedTime } = updated;
    assert.deepEqual(updated, { ...base, AuthType: "AWS_IAM", Cors: cors, LastModifiedTime });
    const streaming = await client.send(
      new UpdateFunctionUrlConfigCommand({ ...named, InvokeMode: "RESPONSE_STREAM", Cors: {} }),
    );
    assert.deepEqual([streaming.InvokeMode, streaming.Cors], ["RESPONSE_STREAM", undefined]);
    const unchanged = await client.send(new UpdateFunctionUrlConfigCommand(named));
    assert.deepEqual([unchanged.InvokeMode, unchanged.AuthType], ["RESPONSE_STREAM", "AWS_IAM"]);

    const removed = await client.send(new DeleteFunctionUrlConfigCommand(named));
    assert.equal(removed.$metadata.httpStatusCode, 204);
    await assert.rejects(client.send(new GetFunctionUrlConfigCommand(named)), { name: "ResourceNotFoundException" });
    const again = await client.send(new CreateFunctionUrlConfigCommand({ ...named, AuthType: "NONE" }));
    assert.notEqual(again.FunctionUrl, FunctionUrl);
  });

  it("belong to the function or to an alias, and go with them", async (t) => {
    const { client, deploy, store } = await startApi(t);
    await deploy("f", { Publish: true });
    for (const Name of ["b", "a"]) {
      await client.send(new CreateAliasCommand({ FunctionName: "f", Name, FunctionVersion: "1" }));
    }
    const open = { AuthType: "NONE" } as const;
    await client.send(new CreateFunctionUrlConfigCommand({ ...open, FunctionName: "f:b", Qualifier: "b" }));
    await client.send(new CreateFunctionUrlConfigCommand({ ...open, FunctionName: "f" }));
    const { FunctionUrl } = await client.send(
      new CreateFunctionUrlConfigCommand({ ...open, FunctionName: `${arn("f")}:a` }),
    );
    const listed = await client.send(new ListFunctionUrlConfigsCommand({ FunctionName: "f" }));
    assert.deepEqual(
      listed.FunctionUrlConfigs?.map(({ FunctionArn }) => FunctionArn),
      [arn("f"), arn("f:a"), arn("f:b")],
    );
    const paged: (string | undefined)[] = [];
    for await (const page of paginateListFunctionUrlConfigs({ client, pageSize: 1 }, { FunctionName: "f" })) {
      assert.equal(page.FunctionUrlConfigs?.length, 1);
      paged.push(page.FunctionUrlConfigs[0]?.FunctionArn);
    }
    assert.deepEqual(paged, [arn("f"), arn("f:a"), arn("f:b")]);

    await client.send(new DeleteFunctionUrlConfigCommand({ FunctionName: "f" }));
    const kept = await client.send(new GetFunctionUrlConfigCommand({ FunctionName: "f", Qualifier: "a" }));
    assert.equal(kept.FunctionUrl, FunctionUrl);
    await client.send(new DeleteAliasCommand({ FunctionName: "f", Name: "a" }));
    await assert.rejects(client.send(new GetFunctionUrlConfigCommand({ FunctionName: "f:a" })), {
      message: "The resource you requested does not exist.",
    });
    const entries = () => store.documents.list("function-url-entry", "", { limit: 10 });
    assert.equal((await entries()).items.length, 1);
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual((await entries()).items, []);
    assert.deepEqual((await store.documents.list("function-url", "", { limit: 10 })).items, []);
  });

  it("have one winner when two create at the same time", async (t) => {
    const { client, deploy } = await startApi(t);
    await deploy("f");
    const attempts = await Promise.allSettled(
      Array.from({ length: 8 }, () =>
        client.send(new CreateFunctionUrlConfigCommand({ FunctionName: "f", AuthType: "NONE" })),
      ),
    );
    const lost = attempts.filter((each) => each.status === "rejected");
    assert.equal(lost.length, 7);
    for (const { reason } of lost) assert.equal((reason as Error).name, "ResourceConflictException");
    const { FunctionUrlConfigs } = await client.send(new ListFunctionUrlConfigsCommand({ FunctionName: "f" }));
    assert.equal(FunctionUrlConfigs?.length, 1);
  });

  it("refuse in AWS's words", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    await api.deploy("bare");
    await api.client.send(new CreateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1" }));
    await api.client.send(new CreateFunctionUrlConfigCommand({ FunctionName: "f", AuthType: "NONE" }));
    for (const each of cases) await t.test(each.title, () => check(api, each));
    assert.deepEqual(api.faults, []);
  });
});

async function check(api: TestApi, { send, status, code, message }: Case): Promise<void> {
  await assert.rejects(send(api), (thrown: LambdaServiceException) => {
    assert.deepEqual([thrown.$metadata.httpStatusCode, thrown.name], [status, code], thrown.message);
    if (typeof message === "string") assert.equal(thrown.message, message);
    else assert.match(thrown.message, message);
    return true;
  });
}

interface Input {
  FunctionName: string;
  Qualifier?: string;
}
type Kind = "create" | "get" | "update" | "delete";

const send: Record<Kind, (api: TestApi, input: Input) => Promise<unknown>> = {
  create: ({ client }, input) => client.send(new CreateFunctionUrlConfigCommand({ AuthType: "NONE", ...input })),
  get: ({ client }, input) => client.send(new GetFunctionUrlConfigCommand(input)),
  update: ({ client }, input) => client.send(new UpdateFunctionUrlConfigCommand({ AuthType: "AWS_IAM", ...input })),
  delete: ({ client }, input) => client.send(new DeleteFunctionUrlConfigCommand(input)),
};

const missing = { status: 404, code: "ResourceNotFoundException" };
const violated = { status: 400, code: "ValidationException" };
const noFunction = { ...missing, message: "Function does not exist" };
const noUrl = { ...missing, message: "The resource you requested does not exist." };
const qualifier = (value: string) => ({
  ...violated,
  message: `1 validation error detected: Value '${value}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)`,
});

type Refusal = Pick<Case, "status" | "code" | "message">;
const table: { input: Input; expect: (kind: Kind) => Refusal }[] = [
  { input: { FunctionName: "absent" }, expect: lookedFor },
  { input: { FunctionName: arn("absent") }, expect: lookedFor },
  { input: { FunctionName: "absent", Qualifier: "1" }, expect: () => qualifier("1") },
  { input: { FunctionName: "f", Qualifier: "1" }, expect: () => qualifier("1") },
  { input: { FunctionName: "f", Qualifier: "$LATEST" }, expect: () => qualifier("$LATEST") },
  { input: { FunctionName: "f", Qualifier: "v1" }, expect: lookedFor },
  {
    input: { FunctionName: "f:live-not", Qualifier: "live" },
    expect: () => ({
      status: 400,
      code: "InvalidParameterValueException",
      message: "The derived qualifier from the function name does not match the specified qualifier.",
    }),
  },
];

/** Creating and updating look for the function first, reading and removing for the URL. */
function lookedFor(kind: Kind): Refusal {
  return kind === "create" || kind === "update" ? noFunction : noUrl;
}

const corsCase = (given: Cors, message: string): Case => ({
  title: `create: ${JSON.stringify(given).slice(0, 60)}`,
  send: ({ client }) =>
    client.send(new CreateFunctionUrlConfigCommand({ FunctionName: "bare", AuthType: "NONE", Cors: given })),
  ...violated,
  message: `1 validation error detected: Value '${message}`,
});

const cases: Case[] = [
  ...table.flatMap(({ input, expect }) =>
    (["create", "get", "update", "delete"] as const).map((kind): Case => ({
      title: `${kind}: ${input.FunctionName} ${input.Qualifier ?? ""}`,
      send: (api) => send[kind](api, input),
      ...expect(kind),
    })),
  ),
  ...(["get", "update", "delete"] as const).map((kind): Case => ({
    title: `${kind}: a function without URL`,
    send: (api) => send[kind](api, { FunctionName: "bare" }),
    ...noUrl,
  })),
  {
    title: "create: a second one",
    send: (api) => send.create(api, { FunctionName: "f" }),
    status: 409,
    code: "ResourceConflictException",
    message: `Failed to create function url config for [functionArn = ${arn("f")}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
  },
  {
    title: "list: unknown function",
    send: ({ client }) => client.send(new ListFunctionUrlConfigsCommand({ FunctionName: "absent" })),
    ...noFunction,
  },
  {
    title: "create: unknown invoke mode",
    send: ({ client }) =>
      client.send(
        new CreateFunctionUrlConfigCommand({
          FunctionName: "bare",
          AuthType: "NONE",
          InvokeMode: "UNKNOWN" as "BUFFERED",
        }),
      ),
    ...violated,
    message:
      "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
  },
  corsCase(
    { AllowMethods: ["GET", "POST", "OPTIONS"] },
    "[GET, POST, OPTIONS]' at 'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 6, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: .*, Member must not be null]",
  ),
  corsCase(
    { MaxAge: 86_401 },
    "86401' at 'cors.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400",
  ),
  corsCase(
    { MaxAge: -1 },
    "-1' at 'cors.maxAge' failed to satisfy constraint: Member must have value greater than or equal to 0",
  ),
];
