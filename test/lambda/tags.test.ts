/** Tags of functions and code signing configurations through the API. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CreateCodeSigningConfigCommand,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  GetCodeSigningConfigCommand,
  GetFunctionCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import { tagCases } from "./cases/tags.ts";
import { checkRefusal } from "./cases/check.ts";
import { arn, request } from "./support.ts";

const numbered = (count: number, prefix = "k") =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`${prefix}${index}`, `v${index}`]));

async function tagsOf({ client }: TestApi, Resource: string): Promise<Record<string, string> | undefined> {
  return (await client.send(new ListTagsCommand({ Resource }))).Tags;
}

async function tag({ client }: TestApi, Resource: string, Tags: Record<string, string>): Promise<void> {
  const answer = await client.send(new TagResourceCommand({ Resource, Tags }));
  assert.equal(answer.$metadata.httpStatusCode, 204);
}

async function untag({ client }: TestApi, Resource: string, ...TagKeys: string[]): Promise<void> {
  const answer = await client.send(new UntagResourceCommand({ Resource, TagKeys }));
  assert.equal(answer.$metadata.httpStatusCode, 204);
}

describe("tags", () => {
  it("of a function are added, changed and removed, each time with a new revision", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Tags: { a: "1" } });
    const shown = async () => api.client.send(new GetFunctionCommand({ FunctionName: "f" }));
    const revisions = new Set<string | undefined>();
    const expect = async (tags: Record<string, string>) => {
      assert.deepEqual(await tagsOf(api, arn("f")), tags);
      const { Tags, Configuration } = await shown();
      assert.deepEqual(Tags ?? {}, tags);
      revisions.add(Configuration?.RevisionId);
    };
    await expect({ a: "1" });
    await tag(api, arn("f"), { b: "2", c: "" });
    await expect({ a: "1", b: "2", c: "" });
    await tag(api, arn("f"), { b: "3", "with space/:=+-@": "ü" });
    await expect({ a: "1", b: "3", c: "", "with space/:=+-@": "ü" });
    await untag(api, arn("f"), "a", "c", "never there");
    await expect({ b: "3", "with space/:=+-@": "ü" });
    await untag(api, arn("f"), "b", "with space/:=+-@");
    await expect({});
    assert.equal(revisions.size, 5);
  });

  it("of a code signing configuration are its own", async (t) => {
    const api = await startApi(t);
    const { client } = api;
    const { CodeSigningConfig } = await client.send(
      new CreateCodeSigningConfigCommand({
        AllowedPublishers: {
          SigningProfileVersionArns: ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"],
        },
        Tags: { a: "1" },
      }),
    );
    const Resource = CodeSigningConfig?.CodeSigningConfigArn ?? "";
    await tag(api, Resource, { b: "2" });
    await untag(api, Resource, "a");
    assert.deepEqual(await tagsOf(api, Resource), { b: "2" });
    const after = await client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn: Resource }));
    assert.deepEqual(after.CodeSigningConfig, CodeSigningConfig);
    await client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn: Resource }));
    await assert.rejects(tagsOf(api, Resource), { name: "ResourceNotFoundException" });
  });

  it("are 50 at most", async (t) => {
    const api = await startApi(t);
    const message = "Number of tags exceeds resource tag limit.";
    await assert.rejects(api.client.send(new CreateFunctionCommand(request("f", { Tags: numbered(51) }))), { message });
    await api.deploy("f");
    await assert.rejects(tag(api, arn("f"), numbered(51)), { message });
    await tag(api, arn("f"), numbered(50));
    await assert.rejects(tag(api, arn("f"), { another: "one" }), { message });
    await tag(api, arn("f"), { k0: "changed" });
    assert.deepEqual(await tagsOf(api, arn("f")), { ...numbered(50), k0: "changed" });
  });

  it("that are changed at the same time are all there", async (t) => {
    const api = await startApi(t);
    await api.deploy("f");
    const pairs = Object.entries(numbered(20));
    await Promise.all(pairs.map(([key, value]) => tag(api, arn("f"), { [key]: value })));
    assert.deepEqual(await tagsOf(api, arn("f")), numbered(20));
  });

  it("are refused where they cannot be", async (t) => {
    const api = await startApi(t);
    await api.deploy("f", { Publish: true });
    for (const each of tagCases) await t.test(each.title, () => checkRefusal(api, each));
    assert.deepEqual(await tagsOf(api, arn("f")), {});
    assert.deepEqual(api.faults, []);
  });
});
