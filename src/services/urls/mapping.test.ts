/** The mappings of requests and answers, with random input: never a crash, and no byte is lost. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseUrlHost, urlHost } from "../../functions/index.ts";
import { isUrlId, newUrlId } from "../../functions/urls/host.ts";
import { answerOf } from "./answer.ts";
import { corsHeaders, preflightAnswer } from "./cors.ts";
import { eventOf } from "./event.ts";
import { splitTarget, type UrlRequest } from "./request.ts";

const latin1 = fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) });
const headers = fc
  .array(fc.tuple(fc.constantFrom("cookie", "x-a", "host", "origin", "__proto__", "connection"), fc.array(latin1)))
  .map((entries) => new Map(entries.map(([name, values]) => [name, values.length === 0 ? [""] : values])));
const contentType = fc.oneof(latin1, fc.constantFrom("text/plain", "application/json; charset=utf-8", "image/png"));

const requests: fc.Arbitrary<UrlRequest> = fc.record({
  method: fc.constantFrom("GET", "POST", "OPTIONS", "M-SEARCH"),
  path: latin1.map((path) => `/${path}`),
  query: latin1,
  domain: fc.domain(),
  headers,
  protocol: fc.constant("HTTP/1.1"),
  sourceIp: fc.ipV4(),
  secure: fc.constant(false),
  port: fc.nat({ max: 65_535 }),
  receivedAt: fc.nat({ max: 4_102_444_800_000 }),
});

const facts = { urlId: "id", requestId: "request", traceId: "Root=1", caller: undefined };

test("every request becomes an event of strings that JSON carries, and the body's bytes survive", () => {
  fc.assert(
    fc.property(requests, fc.option(contentType), fc.uint8Array(), (request, type, bytes) => {
      const all = new Map(request.headers);
      if (type !== null) all.set("content-type", [type]);
      const event = eventOf({ ...request, headers: all }, Buffer.from(bytes), facts);
      const parsed = JSON.parse(JSON.stringify(event)) as typeof event;
      assert.deepEqual(parsed, event);
      const { body, isBase64Encoded } = parsed as { body?: string; isBase64Encoded: boolean };
      assert.deepEqual(Buffer.from(body ?? "", isBase64Encoded ? "base64" : "utf8"), Buffer.from(bytes));
      const { rawPath, rawQueryString } = parsed;
      assert.deepEqual([rawPath, rawQueryString], [request.path, request.query]);
      for (const value of Object.values(parsed["headers"] as object)) assert.equal(typeof value, "string");
      for (const value of Object.values(parsed["queryStringParameters"] ?? {})) assert.equal(typeof value, "string");
    }),
  );
});

const returned = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc
    .record(
      {
        statusCode: fc.oneof(fc.integer({ min: -1, max: 1000 }), fc.string(), fc.constant(200)),
        headers: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer())), fc.anything()),
        cookies: fc.oneof(fc.array(fc.string()), fc.anything()),
        body: fc.oneof(fc.string({ unit: "binary" }), fc.anything()),
        isBase64Encoded: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .map((value) =>
      Buffer.from(JSON.stringify(value, (_name, each: unknown) => (typeof each === "bigint" ? 1 : each))),
    ),
);

test("whatever a function returns becomes an answer that HTTP can carry, or none", async (t) => {
  const answers: ReturnType<typeof answerOf>[] = [];
  const server = createServer((_request, response) => {
    const answer = answers.pop();
    if (answer) response.writeHead(answer.status, answer.headers.flat());
    response.end(answer?.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  await fc.assert(
    fc.asyncProperty(returned, async (payload) => {
      const answer = answerOf(payload);
      if (answer === undefined) return;
      answers.push(answer);
      const got = await fetch(`http://127.0.0.1:${address.port}/`, { redirect: "manual" });
      const bytes = Buffer.from(await got.arrayBuffer());
      assert.equal(got.status, answer.status);
      if (![204, 205, 304].includes(answer.status)) assert.deepEqual(bytes, Buffer.from(answer.body));
    }),
  );
});

test("JSON without a status is passed on without its spaces, and means the same", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("\t", "  ", "\r\n"), (value, space) => {
      const body = answerOf(Buffer.from(JSON.stringify(value, undefined, space)))?.body ?? [];
      const expected = typeof value === "string" ? value : JSON.stringify(value);
      assert.equal(Buffer.from(body).toString(), Buffer.from(expected).toString());
    }),
  );
});

test("answers of six megabytes are mapped like small ones", () => {
  const size = 6 * 1024 * 1024;
  for (const long of ["x".repeat(size), '"\\'.repeat(size / 4), " ".repeat(size)]) {
    const whole = JSON.stringify({ long });
    assert.equal(Buffer.from(answerOf(Buffer.from(whole))?.body ?? []).toString(), whole);
    const own = answerOf(Buffer.from(JSON.stringify({ statusCode: 200, body: long })));
    assert.equal(own?.body.byteLength, long.length);
  }
  const bytes = Buffer.alloc(size, 7);
  const encoded = { statusCode: 200, body: bytes.toString("base64"), isBase64Encoded: true };
  assert.deepEqual(answerOf(Buffer.from(JSON.stringify(encoded)))?.body, bytes);
  assert.equal(answerOf(Buffer.from(JSON.stringify({ ...encoded, body: `${"A".repeat(size)}!` }))), undefined);
});

test("CORS headers are always valid, and name the request's own origin or none", () => {
  const names = fc.array(fc.string({ unit: "binary" }));
  const all = fc.constant<string[]>(["*"]);
  const cors = fc.record({
    AllowOrigins: fc.oneof(names, all),
    AllowMethods: fc.oneof(names, all),
    AllowHeaders: fc.oneof(names, all),
    ExposeHeaders: names,
    AllowCredentials: fc.boolean(),
    MaxAge: fc.nat(),
  });
  fc.assert(
    fc.property(requests, latin1, cors, (request, asked, settings) => {
      const sent = new Map(request.headers).set("access-control-request-headers", [asked]);
      const preflight = preflightAnswer({ ...request, headers: sent }, settings);
      for (const [name, value] of [...preflight.headers, ...corsHeaders(request, settings)]) {
        assert.match(value, /^[\t\x20-\x7e\x80-\xff]*$/);
        if (name === "access-control-allow-origin") assert.equal(value, request.headers.get("origin")?.[0]);
      }
    }),
  );
});

test("host names lead to the id and region that they were made of, and to nothing else", () => {
  const id = newUrlId();
  assert.ok(isUrlId(id));
  const host = urlHost(id, "eu-west-1");
  for (const spelled of [host, `${host}:4566`, host.toUpperCase(), `${host}.`, host.replace(".localhost", ".a.b")]) {
    assert.deepEqual([parseUrlHost(spelled)?.id, parseUrlHost(spelled)?.region], [id, "eu-west-1"]);
  }
  for (const other of ["", "localhost", "127.0.0.1:4566", "lambda.us-east-1.amazonaws.com", "[::1]", `x.${host}`]) {
    assert.equal(parseUrlHost(other), undefined, other);
  }
});

test("targets are split without losing or adding anything", () => {
  fc.assert(
    fc.property(latin1, fc.option(latin1), (path, query) => {
      const clean = path.replaceAll("?", "");
      const target = query === null ? `/${clean}` : `/${clean}?${query}`;
      assert.deepEqual(splitTarget(target), { path: `/${clean}`, query: query ?? "" });
      assert.deepEqual(splitTarget(`http://a:1${target}`), { path: `/${clean}`, query: query ?? "", authority: "a:1" });
    }),
  );
});
