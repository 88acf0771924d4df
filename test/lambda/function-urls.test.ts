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
} from "@aws-sdk/client-lambda";
import { startApi } from "./api.ts";
import { checkRefusal } from "./cases/check.ts";
import { functionUrlCases } from "./cases/function-urls.ts";
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
    for (const each of functionUrlCases) await t.test(each.title, () => checkRefusal(api, each));
    assert.deepEqual(api.faults, []);
  });
});
