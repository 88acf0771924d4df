/** Layers through the API: answers, refusals, sharing, and functions that use them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type PublishLayerVersionCommandInput,
  PublishVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import { layerCases, sharingCases } from "./cases/layers.ts";
import { checkRefusal } from "./cases/check.ts";
import { layerArn, request, scope } from "./support.ts";

const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/;
const code = Buffer.from("content of a layer");
const action = "lambda:GetLayerVersion";

const start = (id: string) => `{"Sid":"${id}","Effect":"Allow","Principal":`;
const item = (name: string) => ({ Arn: layerArn(name, 1), CodeSize: name.length });
const blob = (content: string) => createHash("sha256").update(content).digest("hex");

function publish(api: TestApi, name: string, changes: Partial<PublishLayerVersionCommandInput> = {}) {
  return api.client.send(new PublishLayerVersionCommand({ LayerName: name, Content: { ZipFile: code }, ...changes }));
}

function clientOf(api: TestApi, account: string, region = scope.region): LambdaClient {
  return new LambdaClient({
    endpoint: api.url,
    region,
    credentials: { accessKeyId: account, secretAccessKey: "any" },
    maxAttempts: 1,
  });
}

/** Without what is different every time, after a look at its form. */
function stable<T extends { CreatedDate?: string | undefined }>(answer: T) {
  const { CreatedDate, $metadata: _, ...rest } = answer as T & { $metadata?: unknown };
  assert.match(CreatedDate ?? "", time);
  return rest;
}

describe("layers", () => {
  it("are published, shown, listed and deleted", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    const said = {
      Description: "A layer",
      LicenseInfo: "MIT",
      CompatibleRuntimes: ["nodejs24.x" as const, "python2.7" as const],
      CompatibleArchitectures: ["x86_64" as const],
    };
    const first = await publish(api, "l", said);
    assert.equal(first.$metadata.httpStatusCode, 201);
    const { Location, ...content } = first.Content ?? {};
    assert.deepEqual(
      { ...stable(first), Content: content },
      {
        ...said,
        LayerArn: layerArn("l"),
        LayerVersionArn: layerArn("l", 1),
        Version: 1,
        Content: { CodeSha256: createHash("sha256").update(code).digest("base64"), CodeSize: code.length },
      },
    );
    assert.deepEqual(Buffer.from(await (await fetch(Location ?? "")).arrayBuffer()), code);

    const second = await publish(api, layerArn("l"), { CompatibleRuntimes: [], CompatibleArchitectures: [] });
    const { Content: _content, ...shown } = stable(second);
    assert.deepEqual(shown, {
      Description: "",
      CompatibleRuntimes: [],
      CompatibleArchitectures: [],
      LayerArn: layerArn("l"),
      LayerVersionArn: layerArn("l", 2),
      Version: 2,
    });

    const got = await client.send(new GetLayerVersionCommand({ LayerName: layerArn("l"), VersionNumber: 1 }));
    const byArn = await client.send(new GetLayerVersionByArnCommand({ Arn: layerArn("l", 1) }));
    for (const answer of [got, byArn]) {
      const { Content, ...rest } = stable(answer);
      assert.equal(Content?.CodeSize, code.length);
      assert.deepEqual(rest, { ...said, LayerArn: layerArn("l"), LayerVersionArn: layerArn("l", 1), Version: 1 });
    }
    const listed = await client.send(new ListLayerVersionsCommand({ LayerName: "l" }));
    assert.deepEqual(listed.LayerVersions?.map(stable), [
      {
        Description: "",
        CompatibleRuntimes: [],
        CompatibleArchitectures: [],
        LayerVersionArn: layerArn("l", 2),
        Version: 2,
      },
      { ...said, LayerVersionArn: layerArn("l", 1), Version: 1 },
    ]);
    const none = await client.send(new ListLayerVersionsCommand({ LayerName: "nothing" }));
    assert.deepEqual(none.LayerVersions, []);

    for (const VersionNumber of [1, 2, 2, 9, 10 ** 15]) {
      const deleted = await client.send(new DeleteLayerVersionCommand({ LayerName: "l", VersionNumber }));
      assert.equal(deleted.$metadata.httpStatusCode, 204);
    }
    assert.deepEqual((await client.send(new ListLayersCommand({}))).Layers, []);
    assert.equal((await publish(api, "l")).Version, 3);
    await api.restart();
    assert.equal((await api.functions.layers.publish(scope, "l", { Content: { ZipFile: code } })).version, 4);
    assert.deepEqual(api.faults, []);
  });

  it("are numbered once each, however many publish at once", async (t) => {
    const api = await startApi(t);
    const published = await Promise.all(Array.from({ length: 12 }, () => publish(api, "l")));
    assert.deepEqual(
      published.map(({ Version = 0 }) => Version).toSorted((a, b) => a - b),
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  it("are listed in pages, by runtime and by architecture", async (t) => {
    const api = await startApi(t);
    const names = ["a", "a-b", "a_b", "ab", "b"];
    for (const name of names) {
      await publish(api, name, { CompatibleRuntimes: ["nodejs20.x"], CompatibleArchitectures: ["arm64", "x86_64"] });
      await publish(api, name, { CompatibleRuntimes: ["nodejs24.x"], CompatibleArchitectures: ["x86_64"] });
      await publish(api, name);
    }
    const list = async (filter: object, page: number): Promise<string[]> => {
      const found: string[] = [];
      let Marker: string | undefined;
      do {
        const answer = await api.client.send(new ListLayersCommand({ ...filter, MaxItems: page, Marker }));
        const layers = answer.Layers ?? [];
        assert.ok(layers.length <= page);
        found.push(...layers.map((layer) => `${layer.LayerName}:${layer.LatestMatchingVersion?.Version}`));
        assert.deepEqual(
          layers.map((layer) => layer.LayerArn),
          layers.map((layer) => layerArn(layer.LayerName ?? "")),
        );
        Marker = answer.NextMarker;
      } while (Marker !== undefined);
      return found;
    };
    for (const page of [1, 2, 5, 50]) {
      for (const [filter, version] of [
        [{}, 3],
        [{ CompatibleRuntime: "nodejs24.x" }, 2],
        [{ CompatibleArchitecture: "x86_64" }, 2],
        [{ CompatibleArchitecture: "arm64" }, 1],
        [{ CompatibleRuntime: "nodejs20.x", CompatibleArchitecture: "x86_64" }, 1],
      ] as const) {
        assert.deepEqual((await list(filter, page)).toSorted(), names.map((name) => `${name}:${version}`).toSorted());
      }
      assert.deepEqual(await list({ CompatibleRuntime: "nodejs24.x", CompatibleArchitecture: "arm64" }, page), []);
    }
    const versions: (number | undefined)[] = [];
    let Marker: string | undefined;
    do {
      const command = new ListLayerVersionsCommand({ LayerName: "a", MaxItems: 1, Marker });
      const answer = await api.client.send(command);
      versions.push(...(answer.LayerVersions ?? []).map(({ Version }) => Version));
      Marker = answer.NextMarker;
    } while (Marker !== undefined);
    assert.deepEqual(versions, [3, 2, 1]);
    const fitting = new ListLayerVersionsCommand({ LayerName: "a", CompatibleArchitecture: "x86_64" });
    assert.deepEqual(
      (await api.client.send(fitting)).LayerVersions?.map(({ Version }) => Version),
      [2, 1],
    );
  });

  it("have policies that are written as AWS writes them", async (t) => {
    const api = await startApi(t);
    await publish(api, "l");
    const version = { LayerName: "l", VersionNumber: 1 };
    const resource = layerArn("l", 1);
    const end = `"Action":"lambda:GetLayerVersion","Resource":"${resource}"`;
    const root = '{"AWS":"arn:aws:iam::210987654321:root"}';
    const statements: string[] = [];
    let revision: string | undefined;
    for (const [principal, organization, written] of [
      ["*", undefined, `"*",${end}}`],
      ["210987654321", undefined, `${root},${end}}`],
      ["arn:aws:iam::210987654321:root", undefined, `${root},${end}}`],
      ["*", "o-t194hfs8cz", `"*",${end},"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-t194hfs8cz"}}}`],
    ] as const) {
      const id = `s${statements.length}`;
      const added = await api.client.send(
        new AddLayerVersionPermissionCommand({
          ...version,
          StatementId: id,
          Action: action,
          Principal: principal,
          OrganizationId: organization,
          RevisionId: revision,
        }),
      );
      assert.equal(added.$metadata.httpStatusCode, 201);
      assert.equal(added.Statement, `${start(id)}${written}`);
      statements.push(added.Statement ?? "");
      assert.notEqual(added.RevisionId, revision);
      revision = added.RevisionId;
    }
    const policy = await api.client.send(new GetLayerVersionPolicyCommand(version));
    assert.equal(policy.Policy, `{"Version":"2012-10-17","Id":"default","Statement":[${statements.join(",")}]}`);
    assert.equal(policy.RevisionId, revision);
    const removal = { ...version, StatementId: "s1", RevisionId: revision };
    const removed = await api.client.send(new RemoveLayerVersionPermissionCommand(removal));
    assert.equal(removed.$metadata.httpStatusCode, 204);
    const after = await api.client.send(new GetLayerVersionPolicyCommand(version));
    assert.notEqual(after.RevisionId, revision);
    assert.equal(JSON.parse(after.Policy ?? "").Statement.length, 3);
    for (const StatementId of ["s0", "s2", "s3"]) {
      await api.client.send(new RemoveLayerVersionPermissionCommand({ ...version, StatementId }));
    }
    await assert.rejects(api.client.send(new GetLayerVersionPolicyCommand(version)), {
      name: "ResourceNotFoundException",
      message: "No policy is associated with the given resource.",
    });
  });

  it("have policies of bounded size", async (t) => {
    const api = await startApi(t);
    await publish(api, "l");
    const add = (index: number) =>
      api.client.send(
        new AddLayerVersionPermissionCommand({
          LayerName: "l",
          VersionNumber: 1,
          StatementId: String(index).padStart(100, "s"),
          Action: action,
          Principal: "*",
        }),
      );
    await assert.rejects(
      async () => {
        for (let index = 0; index < 200; index += 1) await add(index);
      },
      {
        name: "PolicyLengthExceededException",
        message: /^The final policy size \(20\d\d\d\) is bigger than the limit \(20480\)\.$/,
      },
    );
  });

  it("are refused as AWS refuses them", async (t) => {
    const api = await startApi(t, { limits: { codeSizeUnzipped: 100 } });
    await api.deploy("f", { Publish: true });
    for (const name of ["l", "l", "l1", "l2", "l3", "l4", "l5"]) await publish(api, name);
    await publish(api, "large", { Content: { ZipFile: Buffer.alloc(95) } });
    await publish(api, "larger", { Content: { ZipFile: Buffer.alloc(99) } });
    const permission = { LayerName: "l", VersionNumber: 1, StatementId: "s1", Action: action, Principal: "*" };
    await api.client.send(new AddLayerVersionPermissionCommand(permission));
    await api.client.send(
      new AddLayerVersionPermissionCommand({ ...permission, LayerName: "l1", Principal: "111111111111" }),
    );
    const before = await api.store.documents.list("layer-version", "", { limit: 100 });
    for (const each of layerCases) await t.test(each.title, () => checkRefusal(api, each));
    await api.functions.settled();
    assert.deepEqual(await api.store.documents.list("layer-version", "", { limit: 100 }), before);
    assert.deepEqual(api.faults, []);
    assert.deepEqual(api.reports, []);
  });

  it("belong to an account, which may share them", async (t) => {
    const api = await startApi(t);
    await publish(api, "l");
    await publish(api, "l");
    const other = clientOf(api, "210987654321");
    const third = clientOf(api, "333333333333");
    t.after(() => [other, third].forEach((each) => each.destroy()));
    for (const each of sharingCases) await t.test(each.title, () => checkRefusal({ ...api, client: other }, each));

    const permission = { LayerName: "l", VersionNumber: 1, Action: action };
    const organized = { ...permission, StatementId: "o", Principal: "*", OrganizationId: "o-t194hfs8cz" };
    await api.client.send(new AddLayerVersionPermissionCommand(organized));
    const get = new GetLayerVersionByArnCommand({ Arn: layerArn("l", 1) });
    await assert.rejects(other.send(get), { name: "AccessDeniedException" });
    const shared = { ...permission, StatementId: "a", Principal: "210987654321" };
    await api.client.send(new AddLayerVersionPermissionCommand(shared));
    assert.equal((await other.send(get)).Version, 1);
    await assert.rejects(third.send(get), { name: "AccessDeniedException" });
    await assert.rejects(other.send(new GetLayerVersionByArnCommand({ Arn: layerArn("l", 2) })), {
      name: "AccessDeniedException",
    });
    const role = "arn:aws:iam::210987654321:role/test";
    const using = request("f", { Role: role, Layers: [layerArn("l", 1)] });
    const created = await other.send(new CreateFunctionCommand(using));
    assert.deepEqual(created.Layers, [{ Arn: layerArn("l", 1), CodeSize: code.length }]);
    await api.functions.settled();

    // What has been taken stays, as after a deletion, and cannot be taken again.
    await api.client.send(new RemoveLayerVersionPermissionCommand({ ...permission, StatementId: "a" }));
    await assert.rejects(other.send(new CreateFunctionCommand({ ...using, FunctionName: "g" })), {
      name: "AccessDeniedException",
    });
    const target = await api.functions.directory.resolve(
      { account: "210987654321", region: "us-east-1" },
      "f",
      undefined,
    );
    assert.ok((await target.assignment()).tree.layers);
    assert.deepEqual(api.faults, []);
  });

  it("are used by functions in their order, and kept for them when they are deleted", async (t) => {
    const api = await startApi(t);
    const { client, functions, artifacts } = api;
    const contents = ["one", "two", "three"];
    for (const name of contents) await publish(api, name, { Content: { ZipFile: Buffer.from(name) } });
    const layersOf = async (qualifier?: string) =>
      (await (await functions.directory.resolve(scope, "f", qualifier)).assignment()).tree.layers;

    const layers = [layerArn("two", 1), `${layerArn("one")}:01`];
    const created = await client.send(new CreateFunctionCommand(request("f", { Layers: layers, Publish: true })));
    assert.deepEqual(created.Layers, [item("two"), item("one")]);
    await functions.settled();
    assert.equal(await layersOf(), `/images/${blob("two")}+/images/${blob("one")}`);

    // The same layers in another order are another function; the key says so.
    const before = await functions.directory.resolve(scope, "f", undefined);
    await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers: [layerArn("one", 1), layerArn("two", 1)] }),
    );
    await functions.settled();
    assert.notEqual((await functions.directory.resolve(scope, "f", undefined)).key, before.key);
    assert.equal(await layersOf(), `/images/${blob("one")}+/images/${blob("two")}`);
    assert.equal((await client.send(new PublishVersionCommand({ FunctionName: "f" }))).Version, "2");
    assert.equal((await client.send(new PublishVersionCommand({ FunctionName: "f" }))).Version, "2");

    // What is not mentioned stays; a published version keeps what it has.
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
    await functions.settled();
    await client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ZipFile: Buffer.from("new") }));
    await functions.settled();
    const kept = await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
    assert.deepEqual(kept.Layers, [item("one"), item("two")]);
    const replaced = await client.send(
      new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers: [layerArn("three", 1)] }),
    );
    assert.deepEqual(replaced.Layers, [item("three")]);
    await functions.settled();
    const all = await client.send(new ListFunctionsCommand({ FunctionVersion: "ALL" }));
    assert.deepEqual(
      all.Functions?.map((version) => version.Layers),
      [[item("three")], [item("two"), item("one")], [item("one"), item("two")]],
    );

    const use = await client.send(new GetAccountSettingsCommand({}));
    assert.equal(use.AccountUsage?.TotalCodeSize, 3 + 2 * "code of f".length + "onetwothree".length);
    for (const name of contents) {
      await client.send(new DeleteLayerVersionCommand({ LayerName: name, VersionNumber: 1 }));
    }
    await functions.settled();
    assert.equal(artifacts.stored.size, 5);
    await assert.rejects(client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers: layers })), {
      message: `Layer version ${layerArn("two", 1)} does not exist.`,
    });
    assert.equal(await layersOf("1"), `/images/${blob("two")}+/images/${blob("one")}`);

    const emptied = await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers: [] }));
    assert.equal(emptied.Layers, undefined);
    await functions.settled();
    assert.equal(await layersOf(), undefined);
    assert.equal(artifacts.stored.has(blob("three")), false);
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    await functions.settled();
    assert.equal(artifacts.stored.size, 0);
    assert.deepEqual(api.faults, []);
  });

  it("are prepared with the function, also after a crash", async (t) => {
    const api = await startApi(t);
    await publish(api, "one", { Content: { ZipFile: Buffer.from("one") } });
    await api.deploy("f");
    api.artifacts.hold();
    const Layers = [layerArn("one", 1)];
    const answer = await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Layers }));
    assert.equal(answer.LastUpdateStatus, "InProgress");
    await api.restart();
    await api.functions.settled();
    assert.equal((await api.functions.get(scope, "f")).version.phase, "ready");
    api.artifacts.failWith(new Error("the disk is gone"), "one");
    const created = await api.functions.create(scope, "g", request("g", { Layers }));
    assert.equal(created.version.phase, "creating");
    await api.functions.settled();
    const { version } = await api.functions.get(scope, "g");
    assert.equal(version.phase, "failed");
    assert.match(version.failure?.reason ?? "", /the disk is gone/);
  });

  it("are never taken away from a function that is just taking them", async (t) => {
    const api = await startApi(t, { collectionDelay: 0 });
    const { functions, artifacts } = api;
    const names = Array.from({ length: 12 }, (_, index) => `l${index}`);
    await Promise.all(names.map((name) => functions.create(scope, name, request(name))));
    await functions.settled();
    for (const name of names) await publish(api, name, { Content: { ZipFile: Buffer.from(`layer ${name}`) } });
    await Promise.all(
      names.flatMap((name) => [
        functions
          .updateConfiguration(scope, name, { FunctionName: name, Layers: [layerArn(name, 1)] })
          .catch((error: Error) => assert.match(error.message, /does not exist/)),
        functions.layers.remove(scope, name, 1),
      ]),
    );
    await functions.settled();
    for (const name of names) {
      const { version } = await functions.get(scope, name);
      assert.equal(version.phase, "ready");
      for (const layer of version.layers ?? []) assert.ok(artifacts.stored.has(layer.code.blob));
    }
    assert.deepEqual(api.reports, []);
  });
});
