/** Function URLs in a real browser: pages, requests from other origins, and what pages must not reach. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateFunctionUrlConfigCommand, type Cors, type LambdaClient } from "@aws-sdk/client-lambda";
import { domOf } from "../support/browser.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";

async function withUrl(client: LambdaClient, name: string, source: string, cors?: Cors): Promise<string> {
  await deploy(client, name, source);
  const { FunctionUrl } = await client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: name, AuthType: "NONE", Cors: cors }),
  );
  return FunctionUrl ?? "";
}

/** A function that answers with this page; `query` in its script are the parameters of the request. */
const page = (script: string): string => `export const handler = async (event) => ({
  statusCode: 200,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: "<!doctype html><p id=out>nothing has run</p><script>const query = " + JSON.stringify(event.queryStringParameters ?? {}) +
    ";const out = document.getElementById('out');" + ${JSON.stringify(script)} + "</script>",
});`;

/** Calls an address, and shows what came of it. */
const caller = `
  fetch(query.to, { method: query.method ?? "POST", headers: { "x-mine": "1" }, body: query.method === "GET" ? undefined : "{}" })
    .then(async (answer) => "answered " + answer.status + " " + (await answer.text()) + " " + answer.headers.get("x-shown"))
    .catch((error) => "failed " + error.name)
    .then((text) => { out.textContent = text; });`;

/** Sends what needs no preflight, and cannot see the answer. */
const simpleCaller = `
  fetch(query.to, { method: "POST", mode: "no-cors", body: "{}" })
    .finally(() => { out.textContent = "sent"; });`;

test("function URLs in a browser", async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const { url } = kiln.endpoint();
  const pages = await withUrl(client, "pages", page(caller));
  const origin = new URL(pages).origin;
  const answering = `export const handler = async (event) => ({ statusCode: 200,
    headers: { "x-shown": "yes" }, body: event.requestContext.http.method + event.headers["x-mine"] + event.headers.origin });`;
  const from = (to: string, method = "POST") => `${pages}?to=${encodeURIComponent(to)}&method=${method}`;

  await context.test("a page from a function is shown, and its script runs", async () => {
    const greeting = await withUrl(client, "greeting", page("out.textContent = 'hello from ' + location.pathname"));
    assert.match(await domOf(context, `${greeting}some/path`), /<p id="out">hello from \/some\/path<\/p>/);
  });

  await context.test("a page calls a function of another origin that allows it, after a preflight", async () => {
    const allowing = await withUrl(client, "allowing", answering, {
      AllowOrigins: [origin],
      AllowMethods: ["PUT"],
      AllowHeaders: ["x-mine"],
      ExposeHeaders: ["x-shown"],
    });
    const dom = await domOf(context, from(allowing, "PUT"));
    assert.ok(dom.includes(`answered 200 PUT1${origin} yes`), dom);
  });

  await context.test("a page cannot read from a function that does not allow it", async () => {
    const silent = await withUrl(client, "silent", answering);
    assert.match(await domOf(context, from(silent)), /failed TypeError/);
  });

  await context.test("a page from a function cannot call the API", async () => {
    await deploy(client, "victim", "let calls = 0; export const handler = async () => { calls += 1; return calls; };");
    const invocations = `${url}/2015-03-31/functions/victim/invocations`;
    assert.match(await domOf(context, from(invocations)), /failed TypeError/);
    // Without headers of its own the browser asks nobody before it sends the request.
    const sender = await withUrl(client, "sender", page(simpleCaller));
    assert.match(await domOf(context, `${sender}?to=${encodeURIComponent(invocations)}`), /sent/);
    assert.equal((await call(client, "victim")).payload, 1, "no page has called it before");
  });

  await context.test("a page that came by path runs nothing: it would have the API's origin", async () => {
    const id = new URL(pages).hostname.split(".")[0] ?? "";
    const dom = await domOf(context, `${url}/_kiln/url/${id}/?to=${encodeURIComponent(url)}`);
    assert.match(dom, /nothing has run/);
  });
});
