/** Aliases through the API with the official client: their life, what they lead to, and what is refused. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
  paginateListAliases,
  type AliasConfiguration,
  type CreateAliasRequest,
} from "@aws-sdk/client-lambda";
import { startApi, type ApiOptions, type TestApi } from "./api.ts";
import { aliasCases } from "./cases/aliases.ts";
import { checkRefusal } from "./cases/check.ts";
import { arn } from "./support.ts";

/** Function `f` with versions 1 and 2. */
async function startWithVersions(context: Parameters<typeof startApi>[0], options: ApiOptions = {}): Promise<TestApi> {
  const api = await startApi(context, options);
  await api.deploy("f", { Publish: true, Description: "one" });
  await republish(api, { Description: "two" });
  return api;
}

async function republish(api: TestApi, change: { Description?: string; Role?: string }): Promise<void> {
  await api.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...change }));
  await api.functions.settled();
  await api.client.send(new PublishVersionCommand({ FunctionName: "f" }));
}

async function createAlias(api: TestApi, changes: Partial<CreateAliasRequest> = {}): Promise<AliasConfiguration> {
  const { $metadata, ...alias } = await api.client.send(
    new CreateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1", ...changes }),
  );
  assert.equal($metadata.httpStatusCode, 201);
  return alias;
}

async function getAlias(api: TestApi, Name: string): Promise<AliasConfiguration> {
  const { $metadata, ...alias } = await api.client.send(new GetAliasCommand({ FunctionName: "f", Name }));
  assert.equal($metadata.httpStatusCode, 200);
  return alias;
}

async function namesOf(api: TestApi, filter: { FunctionVersion?: string } = {}): Promise<(string | undefined)[]> {
  const { Aliases = [] } = await api.client.send(new ListAliasesCommand({ FunctionName: "f", ...filter }));
  return Aliases.map(({ Name }) => Name);
}

describe("aliases", () => {
  it("are created, read, changed, listed and deleted", async (t) => {
    const api = await startWithVersions(t);
    const created = await createAlias(api, {
      Description: "what all call",
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.2 } },
    });
    assert.match(created.RevisionId ?? "", /^[0-9a-f-]{36}$/);
    assert.deepEqual(created, {
      AliasArn: `${arn("f")}:live`,
      Name: "live",
      FunctionVersion: "1",
      Description: "what all call",
      RevisionId: created.RevisionId,
      RoutingConfig: { AdditionalVersionWeights: { 2: 0.2 } },
    });
    assert.deepEqual(await getAlias(api, "live"), created);
    const plain = await createAlias(api, { Name: "2024-01-02", FunctionVersion: "2" });
    assert.deepEqual(plain, {
      AliasArn: `${arn("f")}:2024-01-02`,
      Name: "2024-01-02",
      FunctionVersion: "2",
      Description: "",
      RevisionId: plain.RevisionId,
    });
    const latest = await createAlias(api, {
      Name: "newest",
      FunctionVersion: "$LATEST",
      RoutingConfig: { AdditionalVersionWeights: {} },
    });
    assert.equal(latest.FunctionVersion, "$LATEST");
    assert.equal(latest.RoutingConfig, undefined);

    const { $metadata, ...updated } = await api.client.send(
      new UpdateAliasCommand({ FunctionName: "f", Name: "live", RoutingConfig: {}, RevisionId: created.RevisionId }),
    );
    assert.equal($metadata.httpStatusCode, 200);
    const { RoutingConfig: _gone, ...rest } = created;
    assert.deepEqual(updated, { ...rest, RevisionId: updated.RevisionId });
    assert.notEqual(updated.RevisionId, created.RevisionId);
    assert.deepEqual(await getAlias(api, "live"), updated);
    await assert.rejects(
      api.client.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", RevisionId: created.RevisionId })),
      { name: "PreconditionFailedException" },
    );

    assert.deepEqual(await namesOf(api), ["2024-01-02", "live", "newest"]);
    assert.deepEqual(await namesOf(api, { FunctionVersion: "1" }), ["live"]);
    assert.deepEqual(await namesOf(api, { FunctionVersion: "$LATEST" }), ["newest"]);
    assert.deepEqual(await namesOf(api, { FunctionVersion: "10" }), []);

    for (const alias of ["live", "live", "never-was"]) {
      const deleted = await api.client.send(new DeleteAliasCommand({ FunctionName: "f", Name: alias }));
      assert.equal(deleted.$metadata.httpStatusCode, 204);
    }
    await api.client.send(new DeleteAliasCommand({ FunctionName: "no-such-function", Name: "live" }));
    assert.deepEqual(await namesOf(api), ["2024-01-02", "newest"]);
    assert.deepEqual(api.faults, []);
  });

  it("keep what an update leaves out, and get a revision of their own with every update", async (t) => {
    const api = await startWithVersions(t);
    await republish(api, { Description: "three" });
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.25 } };
    const before = await createAlias(api, { Description: "text", RoutingConfig });
    const { RevisionId: functionRevision } = await api.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: "f" }),
    );
    const update = (change: object) =>
      api.client.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", ...change }));
    const moved = await update({ FunctionVersion: "3" });
    assert.deepEqual([moved.FunctionVersion, moved.Description, moved.RoutingConfig], ["3", "text", RoutingConfig]);
    const same = await update({});
    assert.equal(new Set([before.RevisionId, moved.RevisionId, same.RevisionId]).size, 3);
    assert.equal((await update({ Description: "" })).Description, "");
    await assert.rejects(update({ FunctionVersion: "2" }), /Function version 2 is already included in routing/);
    await assert.rejects(update({ FunctionVersion: "$LATEST" }), /^InvalidParameterValueException: \$LATEST is not/);
    const { RevisionId } = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }));
    assert.equal(RevisionId, functionRevision, "the function's revision does not change with an alias");
  });

  it("are a qualifier wherever a version is", async (t) => {
    const api = await startWithVersions(t);
    await createAlias(api);
    for (const FunctionName of [
      "f:live",
      "function:f:live",
      "123456789012:f:live",
      "123456789012:function:f:live",
      "us-east-1:123456789012:function:f:live",
      `${arn("f")}:live`,
    ]) {
      for (const Qualifier of [undefined, "live"]) {
        const { Configuration } = await api.client.send(new GetFunctionCommand({ FunctionName, Qualifier }));
        assert.deepEqual(
          [Configuration?.FunctionArn, Configuration?.Version, Configuration?.Description],
          [`${arn("f")}:live`, "1", "one"],
        );
        const config = await api.client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
        assert.deepEqual([config.FunctionArn, config.Version], [`${arn("f")}:live`, "1"]);
        const { ExecutedVersion } = await api.client.send(new InvokeCommand({ FunctionName, Qualifier }));
        assert.equal(ExecutedVersion, "1");
      }
    }
    const { StatusCode } = await api.client.send(
      new InvokeCommand({ FunctionName: "f:live", InvocationType: "DryRun" }),
    );
    assert.equal(StatusCode, 204);
    await api.client.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "2" }));
    const { ExecutedVersion } = await api.client.send(new InvokeCommand({ FunctionName: "f:live" }));
    assert.equal(ExecutedVersion, "2");
    await createAlias(api, { Name: "newest", FunctionVersion: "$LATEST" });
    const newest = await api.client.send(new InvokeCommand({ FunctionName: "f", Qualifier: "newest" }));
    assert.equal(newest.ExecutedVersion, "$LATEST");
  });

  it("are listed page by page", async (t) => {
    const api = await startWithVersions(t);
    const long = "z".repeat(128);
    const names = ["a", "a-", "aa", "b", "c", long];
    for (const Name of names) await createAlias(api, { Name, FunctionVersion: Name === "b" ? "2" : "1" });
    const pages = async (filter: { FunctionVersion?: string }): Promise<(string | undefined)[][]> => {
      const found: (string | undefined)[][] = [];
      const config = { client: api.client, pageSize: 2 };
      for await (const page of paginateListAliases(config, { FunctionName: "f", ...filter })) {
        found.push((page.Aliases ?? []).map(({ Name }) => Name));
      }
      return found;
    };
    assert.deepEqual(await pages({}), [
      ["a", "a-"],
      ["aa", "b"],
      ["c", long],
    ]);
    assert.deepEqual(await pages({ FunctionVersion: "1" }), [["a", "a-"], ["aa", "c"], [long]]);
    assert.deepEqual(await pages({ FunctionVersion: "2" }), [["b"]]);
  });

  it("keep their versions from being deleted, and go with the function", async (t) => {
    const api = await startWithVersions(t);
    await createAlias(api, { RoutingConfig: { AdditionalVersionWeights: { 2: 0 } } });
    await createAlias(api, { Name: "also", FunctionVersion: "2" });
    const removeTwo = () => api.client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "2" }));
    await assert.rejects(removeTwo(), {
      name: "ResourceConflictException",
      message: "Unable to delete version because the following aliases reference it: [also, live]",
    });
    await api.client.send(new UpdateAliasCommand({ FunctionName: "f", Name: "live", RoutingConfig: {} }));
    await api.client.send(new DeleteAliasCommand({ FunctionName: "f", Name: "also" }));
    await removeTwo();
    await api.client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual(await api.store.documents.list("function-alias", "", { limit: 10 }), { items: [] });
    await api.deploy("f");
    assert.deepEqual(await namesOf(api), []);
    await assert.rejects(api.client.send(new InvokeCommand({ FunctionName: "f:live" })), {
      name: "ResourceNotFoundException",
      message: `Function not found: ${arn("f")}:live`,
    });
  });

  it("share calls between their versions by weight", async (t) => {
    const draws: number[] = [];
    const api = await startWithVersions(t, { random: () => draws.shift() ?? assert.fail("one draw for each call") });
    await createAlias(api, { RoutingConfig: { AdditionalVersionWeights: { 2: 0.25 } } });
    const versions = async (...given: number[]): Promise<string[]> => {
      draws.push(...given);
      const found: string[] = [];
      for (const _ of given) {
        const { ExecutedVersion } = await api.client.send(new InvokeCommand({ FunctionName: "f", Qualifier: "live" }));
        found.push(ExecutedVersion ?? "");
      }
      assert.deepEqual(draws, []);
      return found;
    };
    assert.deepEqual(await versions(0, 0.2499, 0.25, 0.9999), ["2", "2", "1", "1"]);
    const weigh = (weight: number) =>
      api.client.send(
        new UpdateAliasCommand({
          FunctionName: "f",
          Name: "live",
          RoutingConfig: { AdditionalVersionWeights: { 2: weight } },
        }),
      );
    await weigh(0);
    assert.deepEqual(await versions(0, 0.9999), ["1", "1"]);
    await weigh(1);
    assert.deepEqual(await versions(0, 0.9999), ["2", "2"]);
    const { Configuration } = await api.client.send(new GetFunctionCommand({ FunctionName: "f:live" }));
    assert.equal(Configuration?.Version, "1", "what is shown is the first version");
  });

  it("refuse what cannot be, and change nothing", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    await republish(api, { Role: "arn:aws:iam::123456789012:role/other" });
    await createAlias(api, { Name: "first" });
    const state = async () => {
      const kinds = ["function", "function-version", "function-alias"];
      const pages = await Promise.all(kinds.map((kind) => api.store.documents.list(kind, "", { limit: 100 })));
      return pages.flatMap(({ items }) => items.map(({ key, value }) => ({ key, value })));
    };
    const before = await state();
    for (const each of aliasCases) await t.test(each.title, () => checkRefusal(api, each));
    assert.deepEqual(await state(), before);
    assert.deepEqual(api.faults, []);
  });
});
