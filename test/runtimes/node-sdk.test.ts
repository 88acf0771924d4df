/** The AWS SDK in the Node.js images: found by both kinds of modules, after the function's own and its layers' packages. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PublishLayerVersionCommand } from "@aws-sdk/client-lambda";
import { call, deploy } from "../support/functions.ts";
import { root, startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const list = join(root, "src/artifacts/runtimes/node-sdk/package.json");
const { dependencies } = JSON.parse(readFileSync(list, "utf8")) as { dependencies: Record<string, string> };
const names = Object.keys(dependencies);

/** Loads them all in both ways, and calls a service that it plays itself. */
const source = `
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { S3Client, PutObjectCommand } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { layered } from "layered";

const require = createRequire(import.meta.url);
const attempt = (work) => Promise.resolve().then(work).catch((error) => error.code);

export const handler = async ({ names }) => {
  const failed = [];
  for (const name of names) {
    const [imported, required] = [await attempt(() => import(name)), await attempt(() => require(name))];
    const same = Object.keys(required).every((key) => imported[key] === required[key]);
    if (typeof imported !== "object" || !same) failed.push([name, imported, required]);
  }
  let request;
  const server = createServer((incoming, response) => {
    request = [incoming.method, incoming.url, incoming.headers.authorization];
    response.setHeader("ETag", '"tag"').end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const endpoint = "http://127.0.0.1:" + server.address().port;
  const client = new S3Client({ endpoint, forcePathStyle: true });
  const { ETag } = await client.send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" }));
  client.destroy();
  server.close();
  return {
    failed, request, ETag, document: typeof DynamoDBDocumentClient.from, layered,
    place: require.resolve("@aws-sdk/client-s3"),
    sns: [(await import("@aws-sdk/client-sns")).from, require("@aws-sdk/client-sns").from],
    sqs: [(await import("@aws-sdk/client-sqs")).from, require("@aws-sdk/client-sqs").from],
    inside: [await attempt(() => import("@smithy/core")), await attempt(() => require("@smithy/core"))],
    nothing: await attempt(() => import("nothing")),
  };
};`;

const commonJs = (name: string, from: string) => ({
  [`node_modules/${name}/index.js`]: `exports.from = ${JSON.stringify(from)};`,
});

for (const [Runtime, count] of [
  ["nodejs24.x", names.length],
  ["nodejs20.x", 5],
] as const) {
  test(`${Runtime} has the SDK's clients, and what a function or a layer brings comes first`, async (context) => {
    const kiln = await startTestKiln(context);
    const client = kiln.client();
    const layer = await client.send(
      new PublishLayerVersionCommand({
        LayerName: "modules",
        Content: {
          ZipFile: await zipOf({
            "nodejs/node_modules/layered/package.json": '{"exports":{"import":"./index.mjs"}}',
            "nodejs/node_modules/layered/index.mjs": "export const layered = 'for ES modules only';",
            "nodejs/node_modules/@aws-sdk/client-sns/index.js": "exports.from = 'layer';",
          }),
        },
      }),
    );
    await deploy(
      client,
      "sdk",
      { "index.mjs": source, ...commonJs("@aws-sdk/client-sqs", "function") },
      { Runtime, MemorySize: 1769, Timeout: 60, Layers: [layer.LayerVersionArn ?? ""] },
    );
    const { payload, error, log } = await call(client, "sdk", {
      names: names.filter((name) => !/client-s[nq]s$/.test(name)).slice(0, count),
    });
    assert.equal(error, undefined, log);
    const { request, ...rest } = payload as { request: string[] };
    assert.deepEqual(rest, {
      failed: [],
      ETag: '"tag"',
      document: "function",
      layered: "for ES modules only",
      place: "/var/runtime/node_modules/@aws-sdk/client-s3/dist-cjs/index.js",
      sns: ["layer", "layer"],
      sqs: ["function", "function"],
      inside: ["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"],
      nothing: "ERR_MODULE_NOT_FOUND",
    });
    assert.deepEqual(request.slice(0, 2), ["PUT", "/b/k?x-id=PutObject"]);
    // With the execution environment's own credentials and region.
    assert.match(request[2] ?? "", /^AWS4-HMAC-SHA256 Credential=ASIA[^/]+\/\d{8}\/us-east-1\/s3\/aws4_request/);
    // The SDK warns of the end of its support for older versions, as it does on AWS.
    if (Runtime === "nodejs24.x") assert.doesNotMatch(log, /\tWARN\t|\tERROR\t|Warning/);
  });
}
