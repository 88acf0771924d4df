/** Code signing configurations through the API, and what they do to new code. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateCodeSigningConfigCommand,
  type CreateCodeSigningConfigRequest,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  DeleteFunctionCodeSigningConfigCommand,
  DeleteFunctionCommand,
  GetCodeSigningConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionsByCodeSigningConfigCommand,
  PutFunctionCodeSigningConfigCommand,
  UpdateCodeSigningConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import { checkRefusal } from "./cases/check.ts";
import { codeSigningCases } from "./cases/code-signing.ts";
import { arn, request } from "./support.ts";

const profile = "arn:aws:signer:us-east-1:123456789012:/signing-profiles/test";
const publishers = { AllowedPublishers: { SigningProfileVersionArns: [profile] } };
const enforce = { CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Enforce" } } as const;
const warn = { CodeSigningPolicies: { UntrustedArtifactOnDeployment: "Warn" } } as const;

async function create(api: TestApi, changes: Partial<CreateCodeSigningConfigRequest> = {}) {
  const answer = await api.client.send(new CreateCodeSigningConfigCommand({ ...publishers, ...changes }));
  assert.equal(answer.$metadata.httpStatusCode, 201);
  assert.ok(answer.CodeSigningConfig);
  const { LastModified = "", CodeSigningConfigArn = "", ...rest } = answer.CodeSigningConfig;
  assert.match(LastModified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
  assert.equal(
    CodeSigningConfigArn,
    `arn:aws:lambda:us-east-1:123456789012:code-signing-config:${rest.CodeSigningConfigId}`,
  );
  return { arn: CodeSigningConfigArn, ...rest };
}

async function attach({ client }: TestApi, FunctionName: string, CodeSigningConfigArn: string): Promise<void> {
  const answer = await client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));
  assert.deepEqual([answer.CodeSigningConfigArn, answer.FunctionName], [CodeSigningConfigArn, "f"]);
}

async function usersOf({ client }: TestApi, CodeSigningConfigArn: string): Promise<string[] | undefined> {
  return (await client.send(new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn }))).FunctionArns;
}

async function attached({ client }: TestApi, FunctionName: string): Promise<string | undefined> {
  return (await client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }))).CodeSigningConfigArn;
}

const untrusted = (name: string) => ({
  name: "CodeVerificationFailedException",
  message:
    "Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not " +
    `configured to accept. Check the provided signature for ${name}.`,
});

describe("code signing configurations", () => {
  it("are created, read, changed, listed and deleted", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    const { arn: CodeSigningConfigArn, ...created } = await create(api, { Description: "one", ...enforce });
    assert.match(created.CodeSigningConfigId ?? "", /^csc-[a-z0-9]{17}$/);
    const { CodeSigningConfigId } = created;
    assert.deepEqual(created, { CodeSigningConfigId, Description: "one", ...publishers, ...enforce });
    assert.deepEqual((await create(api)).CodeSigningPolicies, warn.CodeSigningPolicies);

    const change = async (changes: object) => {
      const answer = await client.send(new UpdateCodeSigningConfigCommand({ CodeSigningConfigArn, ...changes }));
      const { LastModified: _, CodeSigningConfigArn: __, ...rest } = answer.CodeSigningConfig ?? {};
      return rest;
    };
    assert.deepEqual(await change({}), created);
    assert.deepEqual(await change(warn), { ...created, ...warn });
    assert.deepEqual(await change({ Description: "" }), { ...created, ...warn, Description: "" });
    const others = { AllowedPublishers: { SigningProfileVersionArns: [`${profile}/abcdefghij`] } };
    const changed = { ...created, ...warn, Description: "", ...others };
    assert.deepEqual(await change(others), changed);
    const got = await client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn }));
    const { LastModified: _, ...shown } = got.CodeSigningConfig ?? {};
    assert.deepEqual(shown, { ...changed, CodeSigningConfigArn });

    const ids: (string | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new ListCodeSigningConfigsCommand({ MaxItems: 1, Marker }));
      ids.push(...(page.CodeSigningConfigs?.map((each) => each.CodeSigningConfigId) ?? []));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.equal(ids.length, 2);
    assert.ok(ids.includes(CodeSigningConfigId));
    const deleted = await client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }));
    assert.equal(deleted.$metadata.httpStatusCode, 204);
    const left = await client.send(new ListCodeSigningConfigsCommand({}));
    assert.equal(left.CodeSigningConfigs?.length, 1);
  });

  it("are attached to functions, and stay while they are", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    const [first, second] = [(await create(api)).arn, (await create(api)).arn];
    await api.deploy("f");
    assert.equal(await attached(api, "f"), undefined);
    await attach(api, "f", first);
    await attach(api, arn("f"), first);
    assert.deepEqual([await attached(api, "f"), await usersOf(api, first)], [first, [arn("f")]]);
    await assert.rejects(client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn: first })), {
      name: "ResourceConflictException",
    });
    await attach(api, "f", second);
    assert.deepEqual([await usersOf(api, first), await usersOf(api, second)], [[], [arn("f")]]);
    for (let time = 0; time < 2; time += 1) {
      const detached = await client.send(new DeleteFunctionCodeSigningConfigCommand({ FunctionName: "f" }));
      assert.equal(detached.$metadata.httpStatusCode, 204);
    }
    assert.deepEqual([await attached(api, "f"), await usersOf(api, second)], [undefined, []]);
    await client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn: first }));

    await api.deploy("g", { CodeSigningConfigArn: second });
    assert.deepEqual([await attached(api, "g"), await usersOf(api, second)], [second, [arn("g")]]);
    await client.send(new DeleteFunctionCommand({ FunctionName: "g" }));
    assert.deepEqual(await usersOf(api, second), []);
    await client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn: second }));
  });

  it("let functions list in pages", async (t) => {
    const api = await startApi(t);
    const { arn: CodeSigningConfigArn } = await create(api);
    const names = ["a", "b", "c"];
    for (const name of names) await api.deploy(name, { CodeSigningConfigArn });
    const listed: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await api.client.send(
        new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn, MaxItems: 2, Marker }),
      );
      listed.push(...(page.FunctionArns ?? []));
      Marker = page.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(listed, names.map(arn));
  });

  it("refuse all code where it has to be trusted, because no signature can be checked", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    const { arn: CodeSigningConfigArn } = await create(api, enforce);
    await assert.rejects(
      client.send(new CreateFunctionCommand(request("new", { CodeSigningConfigArn }))),
      untrusted("new"),
    );
    assert.equal(api.artifacts.stored.size, 0);
    await api.deploy("f");
    await attach(api, "f", CodeSigningConfigArn);
    const update = { FunctionName: "f", ZipFile: Buffer.from("new code") };
    await assert.rejects(client.send(new UpdateFunctionCodeCommand(update)), untrusted("f"));
    await assert.rejects(client.send(new UpdateFunctionCodeCommand({ ...update, DryRun: true })), untrusted("f"));
    assert.equal(api.artifacts.stored.size, 1);
    const Layers = ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"];
    const layers = new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers });
    await assert.rejects(client.send(layers), untrusted("f"));
    // Settings are not code.
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
    await api.functions.settled();

    await client.send(new UpdateCodeSigningConfigCommand({ CodeSigningConfigArn, ...warn }));
    await client.send(new UpdateFunctionCodeCommand(update));
    await api.functions.settled();
    await api.deploy("new", { CodeSigningConfigArn });
    assert.deepEqual(api.faults, []);
  });

  it("are not deleted under a function that begins to use them", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    for (let round = 0; round < 8; round += 1) {
      const { arn: CodeSigningConfigArn } = await create(api);
      const [using, deleting] = await Promise.allSettled([
        attach(api, "f", CodeSigningConfigArn),
        api.client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn })),
      ]);
      assert.notEqual(using.status, deleting.status);
      if (using.status === "fulfilled") assert.deepEqual(await usersOf(api, CodeSigningConfigArn), [arn("f")]);
    }
  });

  it("are refused with AWS's words", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    for (const each of codeSigningCases) await t.test(each.title, () => checkRefusal(api, each));
    assert.deepEqual((await api.store.documents.list("code-signing-use", "", { limit: 1 })).items, []);
    assert.deepEqual(api.faults, []);
  });
});
