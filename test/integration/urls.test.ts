/** Function URLs end to end: real jails, the real SDK, plain HTTP. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CreateAliasCommand,
  CreateFunctionUrlConfigCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetFunctionUrlConfigCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionCodeCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { deploy, updated } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";
import { sendTo, type Wanted } from "../urls/support.ts";

const source = `export const handler = async (event, context) => {
  if (event.rawPath === "/throw") throw new Error("not today");
  if (event.rawPath === "/sleep") await new Promise((resolve) => setTimeout(resolve, 60000));
  if (event.rawPath === "/plain") return { seen: event.queryStringParameters };
  if (event.rawPath === "/bytes") return { statusCode: 200, headers: { "content-type": "image/png" }, body: event.body, isBase64Encoded: event.isBase64Encoded };
  return { statusCode: 202, cookies: ["seen=1"], headers: { "x-version": context.functionVersion, "x-arn": context.invokedFunctionArn },
    body: JSON.stringify({ event, requestId: context.awsRequestId, trace: process.env._X_AMZN_TRACE_ID }) };
};`;

async function addressOf(client: LambdaClient, name: string, qualifier?: string): Promise<URL> {
  const { FunctionUrl } = await client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: name, Qualifier: qualifier, AuthType: "NONE" }),
  );
  return new URL(FunctionUrl ?? "");
}

const sendToUrl = ({ host, port }: URL, wanted: Wanted = {}) => sendTo(Number(port), { host, ...wanted });

test("function URLs call real functions", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  await deploy(client, "web", source, { Timeout: 2 });
  const address = await addressOf(client, "web");
  assert.equal(address.port, new URL(kiln.endpoint().url).port);

  await context.test("a request arrives whole, and the answer too", async () => {
    const answer = await sendToUrl(address, {
      method: "PUT",
      path: "/a%20b?c=1&c=2",
      headers: { "content-type": "text/plain", cookie: "x=1; y=2", "x-mine": "mine" },
      body: "grüße",
    });
    assert.equal(answer.status, 202);
    assert.deepEqual([answer.headers["set-cookie"], answer.headers["x-version"]], [["seen=1"], "$LATEST"]);
    const { event, requestId, trace } = JSON.parse(answer.body.toString()) as {
      event: Record<string, unknown>;
      requestId: string;
      trace: string;
    };
    assert.equal(requestId, answer.headers["x-amzn-requestid"]);
    assert.match(trace, new RegExp(`^${String(answer.headers["x-amzn-trace-id"])};Lineage=1:[0-9a-f]{8}:0$`));
    const { rawPath, queryStringParameters, cookies, body, isBase64Encoded } = event;
    assert.deepEqual(
      { rawPath, queryStringParameters, cookies, body, isBase64Encoded },
      {
        rawPath: "/a%20b",
        queryStringParameters: { c: "1,2" },
        cookies: ["x=1", "y=2"],
        body: "grüße",
        isBase64Encoded: false,
      },
    );
  });

  await context.test("bytes come back as they went in", async () => {
    const body = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 31) % 256));
    const answer = await sendToUrl(address, {
      method: "POST",
      path: "/bytes",
      headers: { "content-type": "image/png" },
      body,
    });
    assert.deepEqual([answer.status, answer.headers["content-type"]], [200, "image/png"]);
    assert.ok(answer.body.equals(body));
  });

  await context.test("failures and timeouts are 502, and the next request is served", async () => {
    for (const path of ["/throw", "/sleep"]) {
      const answer = await sendToUrl(address, { path });
      assert.deepEqual([answer.status, answer.body.toString()], [502, "Internal Server Error"], path);
    }
    const plain = await sendToUrl(address, { path: "/plain?n=1" });
    assert.deepEqual([plain.status, plain.body.toString()], [200, '{"seen":{"n":"1"}}']);
  });

  await context.test("reserved concurrency of zero turns the URL off: 429", async () => {
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName: "web", ReservedConcurrentExecutions: 0 }));
    const { status, headers } = await sendToUrl(address);
    assert.deepEqual([status, headers["x-amzn-errortype"]], [429, "TooManyRequestsException"]);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "web" }));
    assert.equal((await sendToUrl(address)).status, 202);
  });

  await context.test("an alias has a URL of its own, which calls its version", async () => {
    await client.send(new PublishVersionCommand({ FunctionName: "web" }));
    await client.send(new CreateAliasCommand({ FunctionName: "web", Name: "live", FunctionVersion: "1" }));
    const live = await addressOf(client, "web", "live");
    await client.send(
      new UpdateFunctionCodeCommand({
        FunctionName: "web",
        ZipFile: await zipOf({ "index.mjs": "export const handler = async () => 'new';" }),
      }),
    );
    await updated(client, "web");
    const old = await sendToUrl(live);
    assert.equal(old.headers["x-version"], "1");
    assert.match(String(old.headers["x-arn"]), /:function:web:live$/);
    assert.equal((await sendToUrl(address)).body.toString(), "new");
  });

  await context.test("URLs are still there after a kill, on the port of the new listener", async () => {
    await kiln.kill();
    await kiln.start();
    const again = kiln.client();
    const { FunctionUrl } = await again.send(new GetFunctionUrlConfigCommand({ FunctionName: "web" }));
    const found = new URL(FunctionUrl ?? "");
    assert.equal(found.hostname, address.hostname);
    assert.equal(found.port, new URL(kiln.endpoint().url).port);
    assert.equal((await sendToUrl(found)).body.toString(), "new");
    const id = found.hostname.split(".")[0];
    const byPath = await sendTo(Number(found.port), { path: `/_kiln/url/${id}/x` });
    assert.equal(byPath.body.toString(), "new");
    await again.send(new DeleteFunctionCommand({ FunctionName: "web" }));
    assert.equal((await sendToUrl(found)).status, 403);
  });
});
