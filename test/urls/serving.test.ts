/** Requests at function URLs: what the function is asked, and what the client gets. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeleteFunctionCommand, UpdateFunctionUrlConfigCommand } from "@aws-sdk/client-lambda";
import { ServiceError } from "../../src/base/errors.ts";
import { sendTo, startUrl } from "./support.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

describe("the event", () => {
  it("has the request in payload format 2.0", async (t) => {
    const now = Date.UTC(2026, 2, 5, 7, 8, 9, 10);
    const { send, event, host, id, port } = await startUrl(t, {}, { now: () => now });
    const { headers } = await send({
      method: "POST",
      path: "/pa2%Fth/1?q=query&multi=foo&multi=%2Fbar&plus=a+b&__proto__=x&empty",
      headers: {
        "content-type": "application/json",
        "ExTrA-HeadErs": ["With WeiRd CapS", "twice"],
        "user-agent": "test/echo",
        cookie: "a=1; b=2",
      },
      body: '{"foo":"bär"}',
    });
    const requestId = headers["x-amzn-requestid"];
    const trace = headers["x-amzn-trace-id"];
    assert.match(String(requestId), uuid);
    assert.match(String(trace), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
    const domain = host.replace(`:${port}`, "");
    assert.deepEqual(event(), {
      version: "2.0",
      routeKey: "$default",
      rawPath: "/pa2%Fth/1",
      rawQueryString: "q=query&multi=foo&multi=%2Fbar&plus=a+b&__proto__=x&empty",
      cookies: ["a=1", "b=2"],
      headers: {
        host,
        "content-type": "application/json",
        "extra-headers": "With WeiRd CapS,twice",
        "user-agent": "test/echo",
        cookie: "a=1; b=2",
        "content-length": "14",
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": String(port),
        "x-forwarded-proto": "http",
        "x-amzn-trace-id": trace,
      },
      queryStringParameters: {
        q: "query",
        multi: "foo,/bar",
        plus: "a b",
        ["__proto__"]: "x",
        empty: "",
      },
      requestContext: {
        accountId: "anonymous",
        apiId: id,
        domainName: domain,
        domainPrefix: id,
        http: {
          method: "POST",
          path: "/pa2%Fth/1",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test/echo",
        },
        requestId,
        routeKey: "$default",
        stage: "$default",
        time: "05/Mar/2026:07:08:09 +0000",
        timeEpoch: now,
      },
      body: '{"foo":"bär"}',
      isBase64Encoded: false,
    });
  });

  it("has no members for what the request does not have", async (t) => {
    const { send, event } = await startUrl(t);
    await send();
    const { body, cookies, queryStringParameters, rawPath, rawQueryString, isBase64Encoded } = event();
    assert.deepEqual(
      [body, cookies, queryStringParameters, rawPath, rawQueryString, isBase64Encoded],
      [undefined, undefined, undefined, "/", "", false],
    );
  });

  it("has text as it is, and everything else in Base64", async (t) => {
    const { send, event } = await startUrl(t);
    const bodyOf = async (type: string | undefined, body: Buffer) => {
      await send({ method: "POST", body, headers: type === undefined ? {} : { "content-type": type } });
      return [event()["body"], event()["isBase64Encoded"]];
    };
    const text = Buffer.from("größe=1");
    for (const type of [
      "text/plain",
      "TEXT/HTML; charset=utf-8",
      "application/json;x=y",
      "application/xml",
      "application/javascript",
    ]) {
      assert.deepEqual(await bodyOf(type, text), ["größe=1", false], type);
    }
    for (const type of [
      undefined,
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "image/png",
      "application/octet-stream",
    ]) {
      assert.deepEqual(await bodyOf(type, text), [text.toString("base64"), true], type);
    }
    const bytes = Buffer.from([0xff, 0xfe, 0, 0x80]);
    assert.deepEqual(await bodyOf("text/plain", bytes), [bytes.toString("base64"), true]);
  });

  it("keeps the trace and the forwarded address of the client", async (t) => {
    const { send, event, calls } = await startUrl(t);
    const trace = "Root=1-67891233-abcdef012345678912345678;Sampled=1";
    const { headers } = await send({ headers: { "x-amzn-trace-id": trace, "x-forwarded-for": "203.0.113.7" } });
    const seen = event()["headers"] as Record<string, string>;
    assert.deepEqual([seen["x-amzn-trace-id"], seen["x-forwarded-for"]], [trace, "203.0.113.7"]);
    assert.equal(headers["x-amzn-trace-id"], trace);
    assert.equal(calls.at(-1)?.traceId, trace);
  });
});

describe("the answer", () => {
  const inferred: [unknown, string][] = [
    [{ hello: "world", n: [1, " a  b "] }, '{"hello":"world","n":[1," a  b "]}'],
    [["hello", 3, true], '["hello",3,true]'],
    ["hello", "hello"],
    [3.1, "3.1"],
    [true, "true"],
    [null, "null"],
    ["", ""],
    [{ body: "no status", headers: { a: "b" } }, '{"body":"no status","headers":{"a":"b"}}'],
  ];

  it("is inferred where the function names no status", async (t) => {
    const { send, answerWith } = await startUrl(t);
    for (const [value, body] of inferred) {
      answerWith({ payload: Buffer.from(JSON.stringify(value, undefined, 2)) });
      const answer = await send();
      assert.deepEqual(
        [answer.status, answer.headers["content-type"], answer.headers["content-length"], answer.body.toString()],
        [200, "application/json", String(Buffer.byteLength(body)), body],
      );
    }
    answerWith({ payload: Buffer.from('{ "n": 12345678901234567890.10 }') });
    assert.equal((await send()).body.toString(), '{"n":12345678901234567890.10}');
  });

  it("is what the function says", async (t) => {
    const { send, returns } = await startUrl(t);
    returns({
      statusCode: 201,
      headers: {
        "Content-Type": "text/html",
        "X-Mine": "Value",
        "x-count": 3,
        connection: "close",
        "content-length": 1,
      },
      cookies: ["a=1; Path=/", "b=2"],
      body: "<p>hällo</p>",
    });
    const { status, headers, body } = await send();
    assert.equal(status, 201);
    assert.equal(body.toString(), "<p>hällo</p>");
    assert.deepEqual(
      [
        headers["content-type"],
        headers["x-mine"],
        headers["x-count"],
        headers["set-cookie"],
        headers["content-length"],
      ],
      ["text/html", "Value", "3", ["a=1; Path=/", "b=2"], "13"],
    );
    returns({ statusCode: "418", body: "dGVhcG90", isBase64Encoded: true });
    const teapot = await send();
    assert.deepEqual([teapot.status, teapot.body.toString()], [418, "teapot"]);
    returns({ statusCode: 204, body: "gone" });
    const nothing = await send();
    assert.deepEqual([nothing.status, nothing.body.length], [204, 0]);
    returns({ statusCode: 302, headers: { location: "/there" } });
    const moved = await send();
    assert.deepEqual([moved.status, moved.headers.location, moved.body.length], [302, "/there", 0]);
    returns({ statusCode: 200, body: "four" });
    const head = await send({ method: "HEAD" });
    assert.deepEqual([head.status, head.headers["content-length"], head.body.length], [200, "4", 0]);
  });

  it("is 502 where HTTP cannot carry what the function says, or it failed", async (t) => {
    const { send, returns, answerWith, faults } = await startUrl(t);
    const check = async (what: unknown) => {
      const { status, headers, body } = await send();
      assert.deepEqual([status, body.toString()], [502, "Internal Server Error"], JSON.stringify(what));
      assert.match(String(headers["x-amzn-requestid"]), uuid);
    };
    for (const value of [
      { statusCode: "abc" },
      { statusCode: 99 },
      { statusCode: 600 },
      { statusCode: 200.5 },
      { statusCode: null },
      { statusCode: 101 },
      { statusCode: 200, headers: "text" },
      { statusCode: 200, headers: { a: ["b"] } },
      { statusCode: 200, headers: { "not a name": "b" } },
      { statusCode: 200, headers: { a: "b\r\nset-cookie: c" } },
      { statusCode: 200, headers: { a: "x".repeat(40_000) } },
      { statusCode: 200, cookies: "a=1" },
      { statusCode: 200, cookies: ["a\n"] },
      { statusCode: 200, body: { an: "object" } },
      { statusCode: 200, body: "%%%", isBase64Encoded: true },
    ]) {
      returns(value);
      await check(value);
    }
    answerWith({ payload: Buffer.from("not json") });
    await check("not json");
    answerWith({ payload: Buffer.from("{}"), functionError: "Unhandled" });
    await check("function error");
    answerWith({ payload: Buffer.from("{}"), functionError: "Unhandled", status: "timeout" });
    await check("timeout");
    assert.deepEqual(faults, []);
  });

  it("is the platform's refusal where there was no call", async (t) => {
    const { send, failWith, faults, client } = await startUrl(t);
    failWith(
      new ServiceError("TooManyRequestsException", "Rate Exceeded.", {
        status: 429,
        members: { Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" },
      }),
    );
    const throttled = await send();
    assert.deepEqual([throttled.status, throttled.headers["x-amzn-errortype"]], [429, "TooManyRequestsException"]);
    assert.deepEqual(JSON.parse(throttled.body.toString()), {
      Message: "Rate Exceeded.",
      Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
    });
    const fault = new Error("the disk, and what it said");
    failWith(fault);
    const failed = await send();
    assert.deepEqual([failed.status, failed.body.toString()], [502, "Internal Server Error"]);
    assert.deepEqual(faults, [fault]);
    failWith(undefined);
    assert.equal((await send()).status, 200);
    await client.send(new DeleteFunctionCommand({ FunctionName: "f" }));
    assert.deepEqual((await send()).body.toString(), '{"Message":null}');
  });
});

describe("who may call", () => {
  it("is everyone for NONE, and nobody yet for AWS_IAM", async (t) => {
    const { send, client, calls } = await startUrl(t);
    assert.equal((await send({ headers: { origin: "https://anywhere.example" } })).status, 200);
    await client.send(new UpdateFunctionUrlConfigCommand({ FunctionName: "f", AuthType: "AWS_IAM" }));
    const refused = await send({ method: "POST", body: "x" });
    assert.deepEqual([refused.status, refused.headers["x-amzn-errortype"]], [403, "AccessDeniedException"]);
    assert.match(refused.body.toString(), /^\{"Message":"Forbidden\. For troubleshooting Function URL authorization/);
    assert.equal(calls.length, 1);
  });

  it("is nobody where there is no such URL", async (t) => {
    const { send, host, port, id } = await startUrl(t);
    for (const other of [
      `0123456789abcdefghijklmnopqrstuv.lambda-url.us-east-1.localhost:${port}`,
      host.replace("us-east-1", "eu-west-1"),
      host.replace(id, ""),
      `.lambda-url.`,
    ]) {
      const { status, headers, body } = await send({ host: other });
      assert.deepEqual(
        [status, headers["content-type"], headers["x-amzn-errortype"], body.toString()],
        [403, "application/json", "AccessDeniedException", '{"Message":null}'],
        other,
      );
    }
  });
});

describe("by path", () => {
  it("leads to the same function, in a page without an origin", async (t) => {
    const { event, id, port, returns } = await startUrl(t);
    returns({ statusCode: 200, headers: { "content-type": "text/html" }, body: "<script>1</script>" });
    const { status, headers } = await sendTo(port, { path: `/_kiln/url/${id}/a%20b/?c=d%3F` });
    assert.equal(status, 200);
    assert.equal(headers["content-security-policy"], "sandbox");
    const { rawPath, rawQueryString, requestContext } = event();
    assert.deepEqual([rawPath, rawQueryString], ["/a%20b/", "c=d%3F"]);
    const { domainName, domainPrefix } = requestContext as Record<string, unknown>;
    assert.deepEqual([domainName, domainPrefix], [`${id}.lambda-url.us-east-1.localhost`, id]);
    await sendTo(port, { path: `/_kiln/url/${id}` });
    assert.equal(event()["rawPath"], "/");
    for (const path of ["/_kiln/url/", "/_kiln/url/nothing/x", "/_kiln/url/..%2f/x"]) {
      assert.equal((await sendTo(port, { path })).status, 403, path);
    }
  });
});

describe("the API", () => {
  it("is never reached through the host name of a function URL", async (t) => {
    const { send, calls, host } = await startUrl(t);
    for (const path of ["/2015-03-31/functions/", "/_kiln/health", "/_kiln/code/x", "/_kiln/url/x"]) {
      for (const method of ["GET", "POST", "DELETE"]) {
        const before = calls.length;
        const { headers } = await send({
          method,
          path,
          headers: { "x-amz-target": "Logs_20140328.DescribeLogGroups" },
        });
        assert.equal(calls.length, before + 1, `${method} ${path} calls the function`);
        assert.equal(headers["content-type"], "application/json");
      }
    }
    // Spelled otherwise, and with a second name in the target.
    const before = calls.length;
    await send({ host: host.toUpperCase(), path: "/2015-03-31/functions/" });
    await send({ host: host.replace("localhost", "localhost."), path: "/2015-03-31/functions/" });
    await send({ host: host.replace("localhost", "kiln.example"), path: "/2015-03-31/functions/" });
    await send({ host: "127.0.0.1", path: `http://${host}/2015-03-31/functions/` });
    await send({ path: `http://127.0.0.1/2015-03-31/functions/` });
    assert.equal(calls.length, before + 5);
  });

  it("still refuses the pages that function URLs serve", async (t) => {
    const { port, host } = await startUrl(t);
    const asked = { method: "POST", path: "/2015-03-31/functions/f/invocations", body: "{}" };
    for (const origin of [`http://${host}`, "null"]) {
      const { status } = await sendTo(port, { ...asked, host: `127.0.0.1:${port}`, headers: { origin } });
      assert.equal(status, 403, origin);
    }
  });
});
