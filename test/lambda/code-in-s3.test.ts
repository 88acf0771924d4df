/** Code that requests name as an object of S3, through the API, from a store that answers over HTTP. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it, type TestContext } from "node:test";
import {
  CreateFunctionCommand,
  PublishLayerVersionCommand,
  UpdateFunctionCodeCommand,
  type FunctionCode,
  type LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { createObjectFetcher, type ObjectFetcherOptions } from "../../src/artifacts/objects/fetch.ts";
import { startApi } from "./api.ts";
import { refuse, startObjectServer } from "./object-server.ts";
import { request } from "./support.ts";

async function start(t: TestContext, options: Partial<ObjectFetcherOptions> = {}) {
  const store = await startObjectServer(t);
  const credentials = Object.freeze({ accessKeyId: "key", secretAccessKey: "secret" });
  const objects = createObjectFetcher({ endpoint: store.url, region: "us-east-1", credentials, ...options });
  t.after(() => objects.close());
  const api = await startApi(t, { fetchObject: objects.fetch, limits: { codeSizeUnzipped: 1000 } });
  store.objects.set("code/dir/f 1.zip", Buffer.from("code of f"));
  const create = (code: FunctionCode) => api.client.send(new CreateFunctionCommand(request("new", { Code: code })));
  return { ...api, store, create };
}

const sha = (text: string) => createHash("sha256").update(text).digest("base64");
const got = (said: string) => `Error occurred while GetObject. S3 Error Code: ${said}`;
const at = (S3Bucket: string, S3Key: string) => ({ S3Bucket, S3Key });

describe("code in S3", () => {
  it("is read with signed requests, in the version that is asked for", async (t) => {
    const { client, deploy, functions, store } = await start(t);
    await deploy("f", { Code: at("code", "dir/f 1.zip") });
    assert.deepEqual(store.requests, [{ line: "GET code/dir/f 1.zip", signed: true }]);
    store.objects.set("code/g?versionId=v1", Buffer.from("first"));
    const updated = await client.send(
      new UpdateFunctionCodeCommand({ FunctionName: "f", ...at("code", "g"), S3ObjectVersion: "v1" }),
    );
    assert.equal(updated.CodeSha256, sha("first"));
    await functions.settled();
    const layer = await client.send(
      new PublishLayerVersionCommand({ LayerName: "l", Content: { ...at("code", "dir/f 1.zip") } }),
    );
    assert.equal(layer.Content?.CodeSha256, sha("code of f"));
  });

  it("is read without signatures where there are no credentials", async (t) => {
    const server = await startObjectServer(t);
    server.objects.set("b/k", Buffer.from("code"));
    const objects = createObjectFetcher({ endpoint: server.url, region: "us-east-1" });
    t.after(() => objects.close());
    const bytes = await objects.fetch({ bucket: "b", key: "k" }, { maxBytes: 4 });
    assert.equal(Buffer.from(bytes).toString(), "code");
    assert.deepEqual(server.requests, [{ line: "GET b/k", signed: false }]);
  });

  it("that cannot be had is refused with AWS's words", async (t) => {
    const { create, store, artifacts, faults } = await start(t);
    store.objects.set("code/empty", Buffer.alloc(0));
    store.objects.set("code/large", Buffer.alloc(1001));
    const invalid = "InvalidParameterValueException";
    for (const [title, code, name, message] of [
      [
        "no bucket",
        at("none", "k"),
        invalid,
        got("NoSuchBucket. S3 Error Message: The specified bucket does not exist"),
      ],
      ["no key", at("code", "k"), invalid, got("NoSuchKey. S3 Error Message: The specified key does not exist.")],
      [
        "no version",
        { ...at("code", "k"), S3ObjectVersion: "v" },
        invalid,
        got("NoSuchVersion. S3 Error Message: The specified version does not exist."),
      ],
      [
        "not allowed",
        at("secret", "k"),
        "AccessDeniedException",
        "Your access has been denied by S3, please make sure your request credentials have permission to GetObject for secret/k. S3 Error Code: AccessDenied. S3 Error Message: Access Denied",
      ],
      ["empty", at("code", "empty"), invalid, "Uploaded file must be a non-empty zip"],
      ["too large", at("code", "large"), invalid, "Unzipped size must be smaller than 1000 bytes"],
      ["a bucket alone", { S3Bucket: "code" }, invalid, "Please provide a source for function code."],
      ["a key alone", { S3Key: "k" }, invalid, "Please provide a source for function code."],
      [
        "two sources",
        { ...at("code", "dir/f 1.zip"), ZipFile: Buffer.from("x") },
        invalid,
        "Please do not provide other FunctionCode parameters when providing a ZipFile.",
      ],
    ] as const) {
      await t.test(title, () => assert.rejects(create(code), { name, message }));
    }
    await assert.rejects(create({ ...at("code", "dir/f 1.zip"), S3ObjectStorageMode: "REFERENCE" }), {
      name: invalid,
      message: /^S3ObjectStorageMode REFERENCE is not supported/,
    });
    assert.equal(artifacts.stored.size, 0);
    assert.deepEqual(faults, []);
  });

  it("is not read beyond its bounds, whatever the store says", async (t) => {
    const { create, store } = await start(t, { deadline: 300 });
    const failed = async (message: RegExp): Promise<void> =>
      assert.rejects(create(at("code", "k")), (thrown: LambdaServiceException) => {
        assert.match(thrown.message, message);
        return true;
      });
    // Without a length, and without an end.
    store.answerWith = (_request, response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(64)));
      };
      response.on("drain", more);
      more();
    };
    await failed(/^Unzipped size must be smaller than 1000 bytes$/);
    store.answerWith = (_request, response) => void response.writeHead(200, { "content-length": 10 }).write("x");
    await failed(/^Error occurred while GetObject\. The object store at http:\S+ did not answer as it should/);
    store.answerWith = (_request, response) => void response.destroy();
    await failed(/did not answer as it should/);
    store.answerWith = (_request, response) => refuse(response, 400, "InvalidRequest", "<&gt;");
    await failed(/GetObject\./);
    store.answerWith = undefined;
    await create(at("code", "dir/f 1.zip"));
  });
});
