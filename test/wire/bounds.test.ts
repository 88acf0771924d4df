/** Requests that are too large, too slow, too deep or not HTTP at all. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateFunctionCommand, InvokeCommand } from "@aws-sdk/client-lambda";
import { isWhole, raw, type RawAnswer } from "./raw.ts";
import { startServer } from "./server.ts";

const functions = "/2015-03-31/functions";
const invocations = `${functions}/f/invocations`;
const get = (path: string, more = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const post = (path: string, headers: string, body = "") => `POST ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n${body}`;

function assertAwsError(answer: RawAnswer, status: number, code: string, message: RegExp): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers["x-amzn-errortype"], code);
  assert.match(answer.headers["x-amzn-requestid"] ?? "", /^[0-9a-f-]{36}$/);
  assert.match((JSON.parse(answer.body) as { message: string }).message, message);
}

test("a synchronous payload may have 6 MiB and not a byte more", async () => {
  await using server = await startServer({
    lambda: { Invoke: (input) => ({ Payload: String((input["Payload"] as Buffer).length) }) },
  });
  const client = server.lambda();
  const send = (length: number) =>
    client.send(new InvokeCommand({ FunctionName: "f", Payload: Buffer.alloc(length, "1") }));
  const largest = await send(6_291_456);
  assert.equal(Buffer.from(largest.Payload ?? []).toString(), "6291456");
  await assert.rejects(send(6_291_457), {
    name: "RequestEntityTooLargeException",
    message: "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
  });
  // Chunked bodies do not say their length beforehand.
  const chunk = `${(1024 * 1024).toString(16)}\r\n${"1".repeat(1024 * 1024)}\r\n`;
  const chunked = await raw(server.port, [
    post(invocations, "Transfer-Encoding: chunked\r\n"),
    chunk.repeat(7),
    "0\r\n\r\n",
  ]);
  assertAwsError(
    chunked,
    413,
    "RequestEntityTooLargeException",
    /^Request must be smaller than 6291456 bytes for the InvokeFunction/,
  );
});

test("an asynchronous payload may have 1 MiB", async () => {
  await using server = await startServer({ lambda: { Invoke: () => ({ StatusCode: 202 }) } });
  const client = server.lambda();
  const send = (length: number) =>
    client.send(new InvokeCommand({ FunctionName: "f", InvocationType: "Event", Payload: Buffer.alloc(length, "1") }));
  assert.equal((await send(1_048_576)).StatusCode, 202);
  await assert.rejects(send(1_048_577), {
    name: "RequestEntityTooLargeException",
    message: "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)",
  });
});

test("a zip of 50 MiB fits into a request, one of 60 does not and its sender gets to read why", async () => {
  await using server = await startServer({
    lambda: {
      CreateFunction: (input) => ({ CodeSize: (input["Code"] as { ZipFile: Buffer }).ZipFile.length }),
    },
  });
  const client = server.lambda();
  const send = (mebibytes: number) =>
    client.send(
      new CreateFunctionCommand({
        FunctionName: "f",
        Role: "arn:aws:iam::123456789012:role/r",
        Code: { ZipFile: Buffer.alloc(mebibytes * 1024 * 1024) },
      }),
    );
  assert.equal((await send(50)).CodeSize, 50 * 1024 * 1024);
  await assert.rejects(send(60), {
    name: "RequestEntityTooLargeException",
    message: "Request must be smaller than 70167211 bytes for the CreateFunction operation",
  });
});

test("a client that waits for 100-continue is told before it sends too much, and told to go on otherwise", async () => {
  await using server = await startServer({ lambda: { Invoke: (input) => ({ Payload: input["Payload"] }) } });
  const head = (length: number) => post(invocations, `Expect: 100-continue\r\nContent-Length: ${length}\r\n`);
  const refused = await raw(server.port, [head(7_000_000)], isWhole);
  assertAwsError(refused, 413, "RequestEntityTooLargeException", /6291456/);
  const accepted = await raw(server.port, [head(2)], (text) => text.includes("\r\n\r\n"));
  assert.equal(accepted.status, 100);
  const whole = await raw(server.port, [head(2), "{}"], (text) => text.endsWith("{}"));
  assert.match(whole.text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/);
  const other = await raw(server.port, [post(invocations, "Expect: miracles\r\nContent-Length: 2\r\n", "{}")], isWhole);
  assertAwsError(other, 417, "MalformedHttpRequestException", /100-continue/);
});

test("all bodies together have a budget", async () => {
  await using server = await startServer({ lambda: { Invoke: () => ({}) }, limits: { bufferedBytes: 1000 } });
  const answer = await raw(server.port, [post(invocations, "Content-Length: 2000\r\n", "1".repeat(2000))], isWhole);
  assertAwsError(answer, 503, "ServiceUnavailableException", /try again/);
  // What was held for it is free again.
  const small = await raw(server.port, [post(invocations, "Content-Length: 900\r\n", "1".repeat(900))], isWhole);
  assert.equal(small.status, 200);
});

test("long headers and URLs", async () => {
  await using server = await startServer();
  const url = await raw(server.port, [get(`/${"a".repeat(9000)}`)], isWhole);
  assertAwsError(url, 414, "MalformedHttpRequestException", /URL is too long/);
  const headers = await raw(server.port, [get("/", `X-Long: ${"a".repeat(40_000)}\r\n`)]);
  assertAwsError(headers, 431, "MalformedHttpRequestException", /headers are too large/);
});

test("slow senders are cut off", async () => {
  await using server = await startServer({
    lambda: { Invoke: () => ({}) },
    edgeLimits: { headersMs: 100, requestMs: 200 },
  });
  const slowHead = await raw(server.port, ["GET / HTTP/1.1\r\nHost: x\r\n"]);
  assertAwsError(slowHead, 408, "RequestTimeoutException", /in time/);
  const slowBody = await raw(server.port, [post(invocations, "Content-Length: 10\r\n", "12345")]);
  assertAwsError(slowBody, 408, "RequestTimeoutException", /in time/);
  assert.deepEqual(server.faults, []);
});

test("deep, huge and broken JSON", async () => {
  await using server = await startServer({ lambda: { CreateFunction: () => ({}) }, limits: { jsonValues: 1000 } });
  const send = (body: string | Buffer) =>
    raw(server.port, [post(functions, `Content-Length: ${Buffer.byteLength(body)}\r\n`), body], isWhole);
  for (const [body, message] of [
    ["[".repeat(100_000), /deeper than 64/],
    [`{"Layers":[${"1,".repeat(2000)}1]}`, /more than 1000 values/],
    ["{", /./],
    ['{"FunctionName": nul}', /./],
    ["[]", /Start of list/],
    ['"x"', /Expected structure or null/],
    ['{"FunctionName":5}', /^NUMBER_VALUE can not be converted to a String$/],
    ['{"VpcConfig":"x"}', /Expected structure or null/],
    ['{"Code":{"ZipFile":"*"}}', /Base64/],
    [Buffer.from([0xff, 0xfe]), /UTF-8/],
  ] as const) {
    assertAwsError(await send(body), 400, "SerializationException", message);
  }
  // No body is an empty one: then the required members are missing.
  assertAwsError(
    await send(""),
    400,
    "ValidationException",
    /^3 validation errors detected: Value null at 'functionName'/,
  );
});

test("paths that are none, and methods that they do not have", async () => {
  await using server = await startServer({ lambda: { ListFunctions: () => ({ Functions: [] }) } });
  for (const line of ["GET /nothing", "PATCH /2015-03-31/functions", "OPTIONS *", "GET /2015-03-31/functions/a/b/c"]) {
    const answer = await raw(server.port, [`${line} HTTP/1.1\r\nHost: x\r\n\r\n`], isWhole);
    assertAwsError(answer, 404, "UnknownOperationException", /No operation/);
    assert.equal(answer.headers["connection"], "keep-alive", "the connection can be used again");
  }
  const percent = await raw(server.port, [get(`${functions}/%zz`)], isWhole);
  assert.equal(percent.status, 501, "GetFunction has no handler here");
  const head = await raw(server.port, [`HEAD ${functions} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`]);
  assert.deepEqual([head.status, head.body], [404, ""]);
  const absolute = await raw(server.port, [get(`http://X${functions}/`)], isWhole);
  assert.deepEqual([absolute.status, absolute.body], [200, '{"Functions":[]}']);
});

const signed = (service: string) =>
  `Authorization: AWS4-HMAC-SHA256 Credential=A/20261123/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=a\r\n`;

test("a service that the signature names keeps its requests to itself", async () => {
  await using server = await startServer({ lambda: { ListFunctions: () => ({}) } });
  assert.equal((await raw(server.port, [get(functions, signed("lambda"))], isWhole)).status, 200);
  const other = await raw(server.port, [get(functions, signed("logs"))], isWhole);
  assert.deepEqual([other.status, other.body], [400, '{"__type":"UnknownOperationException"}']);
  const broken = await raw(server.port, [get(functions, "Authorization: AWS4-HMAC-SHA256 Credential=A\r\n")], isWhole);
  assertAwsError(broken, 400, "IncompleteSignatureException", /slash-delimited/);
});

test("what is not HTTP, or two requests in one, is refused", async () => {
  await using server = await startServer({ lambda: { Invoke: () => ({}) } });
  for (const text of [
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "GET\r\n\r\n",
    post(invocations, "Content-Length: 2\r\nContent-Length: 3\r\n", "{}x"),
    post(invocations, "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
    post(invocations, "Content-Length: -1\r\n", "{}"),
    post(invocations, "Transfer-Encoding: chunked\r\n", "zz\r\n"),
    get("/", "Bad Header: x\r\n"),
  ]) {
    const answer = await raw(server.port, [text]);
    assert.equal(answer.status, 400, JSON.stringify(text));
  }
  const noHost = await raw(server.port, ["GET / HTTP/1.1\r\nConnection: close\r\n\r\n"]);
  assert.equal(noHost.status, 400);
  assert.deepEqual(server.faults, []);
});

test("a client that leaves in the middle of its body leaves nothing behind", async () => {
  let calls = 0;
  await using server = await startServer({
    lambda: { Invoke: () => void (calls += 1) },
    limits: { bufferedBytes: 10_000 },
  });
  for (let i = 0; i < 5; i += 1) {
    await raw(
      server.port,
      [post(invocations, "Content-Length: 9000\r\nExpect: 100-continue\r\n"), "1".repeat(8000)],
      (text) => text.includes("100"),
    );
  }
  const whole = await raw(server.port, [post(invocations, "Content-Length: 9000\r\n"), "1".repeat(9000)], isWhole);
  assert.equal(whole.status, 200);
  assert.deepEqual([calls, server.faults], [1, []]);
});
