/** Resource policies through the API: statements as AWS wrote them for the same calls, and its refusals. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AddPermissionCommand,
  type AddPermissionRequest,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteResourcePolicyCommand,
  GetAliasCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  GetResourcePolicyCommand,
  PublishVersionCommand,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import { checkRefusal } from "./cases/check.ts";
import { latestRevision, noResource, permission, policy, policyCases, statement } from "./cases/policies.ts";
import { arn } from "./support.ts";

const account = "123456789012";
const bucket = "arn:aws:s3:::bucket";

async function add(api: TestApi, changes: Partial<AddPermissionRequest> = {}): Promise<string> {
  return (await api.client.send(new AddPermissionCommand(permission(changes)))).Statement ?? "";
}

async function policyOf(api: TestApi, name: string): Promise<{ Statement: { Sid: string; Resource: string }[] }> {
  const { Policy = "" } = await api.client.send(new GetPolicyCommand({ FunctionName: name }));
  return JSON.parse(Policy) as { Statement: { Sid: string; Resource: string }[] };
}

/** The members of a statement that come before its condition. */
const start = (sid: string, principal: string, action = "lambda:InvokeFunction") =>
  `{"Sid":"${sid}","Effect":"Allow","Principal":${principal},"Action":"${action}","Resource":"${arn("f")}"`;
const source = `"AWS:SourceAccount":"${account}"`;

describe("permissions", () => {
  it("become statements, character by character as AWS writes them", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const table: [Partial<AddPermissionRequest>, string][] = [
      [{ StatementId: "a" }, `${start("a", '{"Service":"s3.amazonaws.com"}')}}`],
      [
        { StatementId: "b", SourceArn: bucket },
        `${start("b", '{"Service":"s3.amazonaws.com"}')},"Condition":{"ArnLike":{"AWS:SourceArn":"${bucket}"}}}`,
      ],
      [
        { StatementId: "c", Principal: "*", SourceAccount: account },
        `${start("c", '"*"')},"Condition":{"StringEquals":{${source}}}}`,
      ],
      [{ StatementId: "d", Principal: account }, `${start("d", `{"AWS":"arn:aws:iam::${account}:root"}`)}}`],
      [
        { StatementId: "e", Principal: `arn:aws:iam::${account}:user/u`, Action: "lambda:GetFunction" },
        `${start("e", `{"AWS":"arn:aws:iam::${account}:user/u"}`, "lambda:GetFunction")}}`,
      ],
      [
        {
          StatementId: "g",
          Principal: "*",
          Action: "lambda:InvokeFunctionUrl",
          SourceArn: bucket,
          SourceAccount: account,
          PrincipalOrgID: "o-1234567890",
          FunctionUrlAuthType: "NONE",
        },
        `${start("g", '"*"', "lambda:InvokeFunctionUrl")},"Condition":{"StringEquals":{${source},` +
          `"lambda:FunctionUrlAuthType":"NONE","aws:PrincipalOrgID":"o-1234567890"},"ArnLike":{"AWS:SourceArn":"${bucket}"}}}`,
      ],
      [
        { StatementId: "h", Principal: "alexa-appkit.amazon.com", EventSourceToken: "amzn1.ask.skill.x" },
        `${start("h", '{"Service":"alexa-appkit.amazon.com"}')},"Condition":{"StringEquals":{"lambda:EventSourceToken":"amzn1.ask.skill.x"}}}`,
      ],
      [
        { StatementId: "i", Principal: "*", InvokedViaFunctionUrl: true },
        `${start("i", '"*"')},"Condition":{"Bool":{"lambda:InvokedViaFunctionUrl":"true"}}}`,
      ],
      [{ StatementId: "j", Principal: "*", InvokedViaFunctionUrl: false }, `${start("j", '"*"')}}`],
    ];
    const statements: string[] = [];
    for (const [changes, statement] of table) {
      const answer = await api.client.send(new AddPermissionCommand(permission(changes)));
      assert.equal(answer.$metadata.httpStatusCode, 201);
      assert.equal(answer.Statement, statement);
      statements.push(statement);
    }
    const { Policy } = await api.client.send(new GetPolicyCommand({ FunctionName: "f" }));
    assert.equal(Policy, `{"Version":"2012-10-17","Id":"default","Statement":[${statements.join(",")}]}`);
    assert.deepEqual(api.faults, []);
  });

  it("belong to the function, a version or an alias, and go with it", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    await api.client.send(new CreateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1" }));
    const names = ["f", "f:1", "f:live"];
    for (const FunctionName of names) await add(api, { FunctionName });
    for (const FunctionName of names) {
      const { Statement } = await policyOf(api, FunctionName);
      assert.deepEqual(
        Statement.map(({ Resource }) => Resource),
        [arn(FunctionName)],
      );
    }
    await api.client.send(new DeleteAliasCommand({ FunctionName: "f", Name: "live" }));
    await api.client.send(new DeleteFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
    const left = await api.store.documents.list("function-policy", "", { limit: 10 });
    assert.deepEqual(
      left.items.map(({ key }) => key),
      [`${account}/us-east-1/f/$LATEST`],
    );
    await api.client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual((await api.store.documents.list("function-policy", "", { limit: 10 })).items, []);
    await api.deploy("f");
    await assert.rejects(policyOf(api, "f"), { name: "ResourceNotFoundException" });
  });

  it("are guarded by the revision of what they belong to", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    await api.deploy("f", { Publish: true });
    await client.send(new CreateAliasCommand({ FunctionName: "f", Name: "live", FunctionVersion: "1" }));
    const shown: Record<string, () => Promise<string | undefined>> = {
      f: async () => (await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f" }))).RevisionId,
      "f:1": async () => (await client.send(new GetFunctionConfigurationCommand({ FunctionName: "f:1" }))).RevisionId,
      "f:live": async () => (await client.send(new GetAliasCommand({ FunctionName: "f", Name: "live" }))).RevisionId,
    };
    for (const [FunctionName, revision] of Object.entries(shown)) {
      const first = await revision();
      await assert.rejects(add(api, { FunctionName, RevisionId: "wrong" }), { message: latestRevision });
      await add(api, { FunctionName, RevisionId: first });
      const second = await revision();
      assert.notEqual(second, first);
      const policy = await client.send(new GetPolicyCommand({ FunctionName }));
      assert.equal(policy.RevisionId, second);
      const removal = { FunctionName, StatementId: "s3" };
      await assert.rejects(client.send(new RemovePermissionCommand({ ...removal, RevisionId: first })), {
        name: "PreconditionFailedException",
      });
      const removed = await client.send(new RemovePermissionCommand({ ...removal, RevisionId: second }));
      assert.equal(removed.$metadata.httpStatusCode, 204);
      assert.notEqual(await revision(), second);
    }
  });

  it("keep the version unpublished twice apart from its policy", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    await add(api);
    const again = await api.client.send(new PublishVersionCommand({ FunctionName: "f" }));
    assert.equal(again.Version, "1");
  });

  it("that are added at the same time are all there", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    await Promise.all(ids.map((StatementId) => add(api, { StatementId })));
    const same = await Promise.allSettled(ids.map(() => add(api, { StatementId: "same" })));
    assert.equal(same.filter(({ status }) => status === "fulfilled").length, 1);
    const { Statement } = await policyOf(api, "f");
    assert.deepEqual(new Set(Statement.map(({ Sid }) => Sid)), new Set([...ids, "same"]));
  });

  it("fill a policy of 20 KB and no more", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const SourceArn = `arn:aws:s3:::${"b".repeat(4000)}`;
    for (const StatementId of ["a", "b", "c", "d"]) await add(api, { StatementId, SourceArn });
    await assert.rejects(add(api, { StatementId: "e", SourceArn }), {
      name: "PolicyLengthExceededException",
      message: /^The final policy size \(2\d{4}\) is bigger than the limit \(20480\)\.$/,
    });
    assert.equal((await policyOf(api, "f")).Statement.length, 4);
  });
});

describe("a whole policy", () => {
  it("takes the place of what was there, and mixes with permissions", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    await api.deploy("f");
    await add(api);
    const Policy = policy(statement);
    const put = await client.send(new PutResourcePolicyCommand({ ResourceArn: arn("f"), Policy }));
    assert.equal(put.$metadata.httpStatusCode, 200);
    assert.equal(put.Policy, Policy);
    const got = await client.send(new GetResourcePolicyCommand({ ResourceArn: arn("f") }));
    assert.deepEqual([got.Policy, got.RevisionId], [Policy, put.RevisionId]);
    await add(api);
    assert.deepEqual(
      (await policyOf(api, "f")).Statement.map(({ Sid }) => Sid),
      ["own", "s3"],
    );
    const stale = { ResourceArn: arn("f"), RevisionId: put.RevisionId };
    await assert.rejects(client.send(new PutResourcePolicyCommand({ ...stale, Policy })), { message: latestRevision });
    await assert.rejects(client.send(new DeleteResourcePolicyCommand(stale)), { message: latestRevision });
    const { RevisionId } = await client.send(new GetResourcePolicyCommand({ ResourceArn: arn("f") }));
    const deleted = await client.send(new DeleteResourcePolicyCommand({ ResourceArn: arn("f"), RevisionId }));
    assert.equal(deleted.$metadata.httpStatusCode, 204);
    await assert.rejects(policyOf(api, "f"), { message: noResource });
  });
});

it("refusals around policies say what is wrong, and change nothing", async (t) => {
  const api = await startApi(t);
  await api.deploy("f", { Publish: true });
  await add(api, { StatementId: "taken" });
  const stored = async () => [
    await api.store.documents.list("function", "", { limit: 100 }),
    await api.store.documents.list("function-policy", "", { limit: 100 }),
  ];
  const before = await stored();
  for (const each of policyCases) await t.test(each.title, () => checkRefusal(api, each));
  assert.deepEqual(await stored(), before);
  assert.deepEqual(api.faults, []);
});
