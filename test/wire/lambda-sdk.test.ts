/** The unmodified Lambda client against made-up operations: every way in which a member travels. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as lambda from "@aws-sdk/client-lambda";
import { ServiceError } from "../../src/base/errors.ts";
import { startServer, type Input } from "./server.ts";

const arn = "arn:aws:lambda:eu-central-1:123456789012:function:hello:PROD";
const role = "arn:aws:iam::123456789012:role/service";

async function rejection(call: Promise<unknown>): Promise<lambda.LambdaServiceException & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as lambda.LambdaServiceException & Record<string, unknown>;
  }
  return assert.fail("the call succeeded");
}

test("Invoke: label, query, headers and payload in; status, headers and payload out", async () => {
  let seen: Input = {};
  await using server = await startServer({
    lambda: {
      Invoke: (input) => {
        seen = input;
        return {
          StatusCode: 202,
          Payload: input["Payload"],
          FunctionError: "Unhandled",
          LogResult: "bG9n",
          ExecutedVersion: "7",
        };
      },
    },
  });
  const answer = await server.lambda().send(
    new lambda.InvokeCommand({
      FunctionName: arn,
      Qualifier: "PROD",
      InvocationType: "RequestResponse",
      LogType: "Tail",
      ClientContext: "e30=",
      Payload: new Uint8Array([0, 1, 254, 255]),
    }),
  );
  assert.deepEqual(seen, {
    FunctionName: arn,
    Qualifier: "PROD",
    InvocationType: "RequestResponse",
    LogType: "Tail",
    ClientContext: "e30=",
    Payload: Buffer.from([0, 1, 254, 255]),
  });
  assert.equal(answer.StatusCode, 202);
  assert.equal(answer.FunctionError, "Unhandled");
  assert.equal(answer.LogResult, "bG9n");
  assert.equal(answer.ExecutedVersion, "7");
  assert.deepEqual([...(answer.Payload ?? [])], [0, 1, 254, 255]);
  assert.match(answer.$metadata.requestId ?? "", /^[0-9a-f-]{36}$/);
});

test("Invoke without a payload has none, and may answer none", async () => {
  let seen: Input = {};
  await using server = await startServer({ lambda: { Invoke: (input) => void (seen = input) } });
  const answer = await server.lambda().send(new lambda.InvokeCommand({ FunctionName: "hello" }));
  assert.deepEqual(seen, { FunctionName: "hello" });
  assert.equal(answer.StatusCode, 200);
});

test("CreateFunction: blobs, maps, lists, nested structures; the status of the model", async () => {
  let seen: Input = {};
  await using server = await startServer({
    lambda: {
      CreateFunction: (input) => {
        seen = input;
        return {
          FunctionName: "hello",
          Timeout: 3,
          Layers: [{ Arn: "x", CodeSize: 5 }],
          Environment: input["Environment"],
        };
      },
    },
  });
  const input = {
    FunctionName: "hello",
    Role: role,
    Code: { ZipFile: Buffer.from("zip") },
    Architectures: ["arm64" as const],
    Environment: { Variables: { KEY: "välue", KEY_2: "1" } },
    Publish: true,
    MemorySize: 128,
  };
  const answer = await server.lambda().send(new lambda.CreateFunctionCommand(input));
  assert.deepEqual(seen, input);
  assert.equal(answer.$metadata.httpStatusCode, 201);
  assert.deepEqual(answer.Layers, [{ Arn: "x", CodeSize: 5 }]);
  assert.deepEqual(answer.Environment?.Variables, { KEY: "välue", KEY_2: "1" });
});

test("query lists, timestamps in queries and bodies, literal query parameters", async () => {
  const calls: [string, Input][] = [];
  const note = (name: string, output: unknown) => (input: Input) => {
    calls.push([name, input]);
    return output;
  };
  const modified = new Date("2026-02-03T04:05:06.000Z");
  await using server = await startServer({
    lambda: {
      UntagResource: note("UntagResource", undefined),
      ListLayers: note("ListLayers", { Layers: [] }),
      GetLayerVersionByArn: note("GetLayerVersionByArn", { Version: 4 }),
      ListProvisionedConcurrencyConfigs: note("ListProvisionedConcurrencyConfigs", {}),
      GetFunctionEventInvokeConfig: note("GetFunctionEventInvokeConfig", { LastModified: modified }),
      ListDurableExecutionsByFunction: note("ListDurableExecutionsByFunction", {}),
    },
  });
  const client = server.lambda();
  const layer = "arn:aws:lambda:eu-central-1:123456789012:layer:deps:4";
  const untagged = await client.send(
    new lambda.UntagResourceCommand({ Resource: arn.replace(":PROD", ""), TagKeys: ["a b", "c+d/é"] }),
  );
  await client.send(new lambda.ListLayersCommand({ MaxItems: 3 }));
  const version = await client.send(new lambda.GetLayerVersionByArnCommand({ Arn: layer }));
  await client.send(new lambda.ListProvisionedConcurrencyConfigsCommand({ FunctionName: "hello" }));
  const config = await client.send(new lambda.GetFunctionEventInvokeConfigCommand({ FunctionName: "hello" }));
  await client.send(
    new lambda.ListDurableExecutionsByFunctionCommand({ FunctionName: "hello", StartedAfter: modified }),
  );
  assert.deepEqual(calls, [
    ["UntagResource", { Resource: arn.replace(":PROD", ""), TagKeys: ["a b", "c+d/é"] }],
    ["ListLayers", { MaxItems: 3 }],
    ["GetLayerVersionByArn", { Arn: layer }],
    ["ListProvisionedConcurrencyConfigs", { FunctionName: "hello" }],
    ["GetFunctionEventInvokeConfig", { FunctionName: "hello" }],
    ["ListDurableExecutionsByFunction", { FunctionName: "hello", StartedAfter: modified }],
  ]);
  assert.equal(untagged.$metadata.httpStatusCode, 204);
  assert.equal(version.Version, 4);
  assert.deepEqual(config.LastModified, modified);
});

test("an event stream, and a header that is the content type", async () => {
  await using server = await startServer({
    lambda: {
      InvokeWithResponseStream: () => ({
        StatusCode: 200,
        ExecutedVersion: "$LATEST",
        ResponseStreamContentType: "application/vnd.amazon.eventstream",
        EventStream: (async function* () {
          yield { PayloadChunk: { Payload: Buffer.from("one ") } };
          yield { PayloadChunk: { Payload: Buffer.from("two") } };
          yield { InvokeComplete: { ErrorCode: "E", LogResult: "bG9n" } };
        })(),
      }),
    },
  });
  const answer = await server.lambda().send(new lambda.InvokeWithResponseStreamCommand({ FunctionName: "hello" }));
  const text: string[] = [];
  let complete: unknown;
  for await (const event of answer.EventStream ?? []) {
    if (event.PayloadChunk?.Payload) text.push(Buffer.from(event.PayloadChunk.Payload).toString());
    complete = event.InvokeComplete ?? complete;
  }
  assert.equal(text.join(""), "one two");
  assert.deepEqual(complete, { ErrorCode: "E", LogResult: "bG9n" });
});

test("errors have the code, the status, the members and the spelling of their shape", async () => {
  await using server = await startServer({
    lambda: {
      GetFunction: () => {
        throw new ServiceError("ResourceNotFoundException", "Function not found: x");
      },
      Invoke: () => {
        throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", {
          members: { Reason: "ConcurrentInvocationLimitExceeded", retryAfterSeconds: "2" },
        });
      },
      ListFunctions: () => {
        throw new Error("the disk is on fire");
      },
      ListLayers: () => ({ Layers: "no list" }),
    },
  });
  const client = server.lambda();
  const missing = await rejection(client.send(new lambda.GetFunctionCommand({ FunctionName: "x" })));
  assert.ok(missing instanceof lambda.ResourceNotFoundException);
  assert.deepEqual(
    [missing.$metadata.httpStatusCode, missing.Type, missing.message],
    [404, "User", "Function not found: x"],
  );
  const raw = await fetch(`${server.url}/2015-03-31/functions/x`);
  assert.equal(raw.headers.get("x-amzn-errortype"), "ResourceNotFoundException");
  assert.deepEqual(await raw.json(), { Type: "User", Message: "Function not found: x" });

  const throttled = await rejection(client.send(new lambda.InvokeCommand({ FunctionName: "x" })));
  assert.ok(throttled instanceof lambda.TooManyRequestsException);
  assert.deepEqual(
    [throttled.$metadata.httpStatusCode, throttled.Reason, throttled.retryAfterSeconds],
    [429, "ConcurrentInvocationLimitExceeded", "2"],
  );

  const fault = await rejection(client.send(new lambda.ListFunctionsCommand({})));
  assert.ok(fault instanceof lambda.ServiceException);
  assert.equal(fault.$metadata.httpStatusCode, 500);
  assert.doesNotMatch(JSON.stringify(fault), /disk/);
  assert.match(String(server.faults[0]), /the disk is on fire/);
});

test("an answer that HTTP cannot carry is a fault, not a broken connection", async () => {
  await using server = await startServer({ lambda: { Invoke: () => ({ ExecutedVersion: "1\r\nX-Evil: 1" }) } });
  const fault = await rejection(server.lambda().send(new lambda.InvokeCommand({ FunctionName: "x" })));
  assert.equal(fault.name, "ServiceException");
  assert.equal(server.faults.length, 1);
});

test("an operation without a handler answers 501 and its name", async () => {
  await using server = await startServer();
  const error = await rejection(server.lambda().send(new lambda.ListAliasesCommand({ FunctionName: "x" })));
  assert.deepEqual([error.name, error.$metadata.httpStatusCode], ["NotImplementedException", 501]);
  assert.match(error.message, /ListAliases/);
});

test("a handler knows who calls, where, and when the client has gone", async () => {
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const callers: unknown[] = [];
  await using server = await startServer({
    lambda: {
      ListFunctions: (_input, context) => void callers.push(context.caller, context.endpoint, context.traceId),
      Invoke: (_input, context) =>
        new Promise((answer) =>
          context.signal.addEventListener("abort", () => {
            resolve();
            answer({});
          }),
        ),
    },
  });
  await server.lambda().send(new lambda.ListFunctionsCommand({}));
  // A client that has sent no trace gets a new one.
  assert.match(String(callers.pop()), /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
  assert.deepEqual(callers, [
    {
      accessKeyId: "123456789012",
      account: "123456789012",
      region: "eu-central-1",
      arn: "arn:aws:iam::123456789012:root",
      kind: "root",
      userId: "123456789012",
    },
    server.url,
  ]);
  const controller = new AbortController();
  const call = server
    .lambda()
    .send(new lambda.InvokeCommand({ FunctionName: "x" }), { abortSignal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  await assert.rejects(call);
  await gone;
  assert.deepEqual(server.faults, []);
});

test("the authenticator and the authorizer are asked about every call", async () => {
  const asked: string[] = [];
  await using server = await startServer({
    lambda: { GetFunction: () => ({}) },
    authorizer: {
      permit: () => undefined,
      authorize: (context, input) => {
        asked.push(`${context.operation} ${JSON.stringify(input)}`);
        throw new ServiceError("AccessDeniedException", "no", { status: 403 });
      },
    },
  });
  const denied = await rejection(server.lambda().send(new lambda.GetFunctionCommand({ FunctionName: "x" })));
  assert.deepEqual([denied.name, denied.$metadata.httpStatusCode], ["AccessDeniedException", 403]);
  assert.deepEqual(asked, ['GetFunction {"FunctionName":"x"}']);
});

test("a stream that breaks cuts the connection and is told to the operator; a client that leaves one is not", async () => {
  const { promise: left, resolve } = Promise.withResolvers<void>();
  let endless = false;
  await using server = await startServer({
    lambda: {
      InvokeWithResponseStream: () => ({
        EventStream: (async function* () {
          try {
            yield { PayloadChunk: { Payload: Buffer.from("one ") } };
            if (!endless) throw new Error("the source broke");
            for (;;) {
              yield { PayloadChunk: { Payload: Buffer.alloc(65_536) } };
            }
          } finally {
            resolve();
          }
        })(),
      }),
    },
  });
  const url = `${server.url}/2021-11-15/functions/f/response-streaming-invocations`;
  await assert.rejects(fetch(url, { method: "POST" }).then((answer) => answer.arrayBuffer()));
  assert.match(String(server.faults), /the source broke/);
  endless = true;
  const answer = await fetch(url, { method: "POST" });
  await answer.body?.cancel();
  await left;
  assert.equal(server.faults.length, 1);
});
