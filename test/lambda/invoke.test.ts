import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  GetFunctionCommand,
  InvokeCommand,
  UpdateFunctionConfigurationCommand,
  type LambdaServiceException,
} from "@aws-sdk/client-lambda";
import { startApi } from "./api.ts";
import { arn, request, scope } from "./support.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

/** A client context of so many bytes, before Base64. */
const padded = (bytes: number) => base64(`{"a":"${"x".repeat(bytes - 8)}"}`);

describe("Invoke", () => {
  it("hands the call over and gives the answer back", async (t) => {
    const { client, deploy, calls, answerWith } = await startApi(t);
    await deploy("f", { Publish: true });
    const plain = await client.send(new InvokeCommand({ FunctionName: "f", Payload: '{"a":1}' }));
    assert.deepEqual(
      [
        plain.StatusCode,
        plain.Payload?.transformToString(),
        plain.ExecutedVersion,
        plain.FunctionError,
        plain.LogResult,
      ],
      [200, '{"a":1}', "$LATEST", undefined, undefined],
    );
    answerWith({
      functionError: "Unhandled",
      payload: Buffer.from('{"errorType":"E"}'),
      logTail: Buffer.from("START\n"),
    });
    const failed = await client.send(
      new InvokeCommand({
        FunctionName: `${arn("f")}:1`,
        Qualifier: "1",
        LogType: "Tail",
        ClientContext: base64('{"custom":{"a":"ä"}}'),
      }),
    );
    assert.deepEqual(
      [
        failed.StatusCode,
        failed.Payload?.transformToString(),
        failed.ExecutedVersion,
        failed.FunctionError,
        failed.LogResult,
      ],
      [200, '{"errorType":"E"}', "1", "Unhandled", base64("START\n")],
    );
    const { requestId, payload, traceId, ...rest } = calls.at(-1) ?? assert.fail();
    assert.match(traceId ?? "", /^Root=1-/);
    assert.equal(requestId, failed.$metadata.requestId);
    // A call without a payload is a call with an empty object.
    assert.equal(Buffer.from(payload).toString(), "{}");
    assert.deepEqual(rest, {
      scope,
      functionName: "f",
      qualifier: "1",
      tail: true,
      clientContext: '{"custom":{"a":"ä"}}',
    });
  });

  it("hands the caller's trace over and says in the answer which it was", async (t) => {
    const { url, deploy, calls } = await startApi(t);
    await deploy("f");
    const paths = ["/2015-03-31/functions/f/invocations", "/2021-11-15/functions/f/response-streaming-invocations"];
    const authorization =
      `AWS4-HMAC-SHA256 Credential=${scope.account}/20260101/${scope.region}/lambda/aws4_request, ` +
      "SignedHeaders=host, Signature=0";
    for (const path of paths) {
      for (const sent of ["Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1", undefined]) {
        const answer = await fetch(url + path, {
          method: "POST",
          headers: sent === undefined ? { authorization } : { authorization, "x-amzn-trace-id": sent },
        });
        await answer.arrayBuffer();
        assert.equal(answer.status, 200);
        const { traceId } = calls.at(-1) ?? assert.fail();
        assert.equal(answer.headers.get("x-amzn-trace-id"), traceId);
        if (sent !== undefined) assert.equal(traceId, sent);
      }
    }
  });

  it("only looks whether it could, in a dry run", async (t) => {
    const { client, deploy, calls } = await startApi(t);
    await deploy("f");
    const answer = await client.send(new InvokeCommand({ FunctionName: "f", InvocationType: "DryRun" }));
    assert.deepEqual([answer.StatusCode, answer.Payload ?? null, answer.ExecutedVersion], [204, null, undefined]);
    await assert.rejects(client.send(new InvokeCommand({ FunctionName: "g", InvocationType: "DryRun" })), {
      name: "ResourceNotFoundException",
    });
    assert.deepEqual(calls, []);
  });

  it("takes any JSON value, and nothing else", async (t) => {
    const { client, deploy, calls } = await startApi(t);
    await deploy("f");
    for (const value of [
      "null",
      "1",
      '"ü"',
      "[]",
      ' {"a" : [true]}\n',
      `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
    ]) {
      await client.send(new InvokeCommand({ FunctionName: "f", Payload: Buffer.from(value) }));
      assert.equal(Buffer.from(calls.at(-1)?.payload ?? []).toString(), value);
    }
    const seen = calls.length;
    const prefix = "Could not parse request body into json: Could not parse payload into json: ";
    for (const [body, message] of [
      [
        "hello",
        `${prefix}Unrecognized token 'hello': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
      ],
      ["{", prefix],
      ["{} {}", prefix],
      ["nan", prefix],
      [Buffer.from("6e8772", "hex"), `${prefix}Invalid UTF-8`],
    ] as const) {
      await assert.rejects(
        client.send(new InvokeCommand({ FunctionName: "f", Payload: Buffer.from(body) })),
        (error: LambdaServiceException) =>
          error.name === "InvalidRequestContentException" &&
          error.$metadata.httpStatusCode === 400 &&
          error.message.startsWith(message),
      );
    }
    assert.equal(calls.length, seen);
  });

  it("refuses client contexts that are too long or no objects", async (t) => {
    const { client, deploy } = await startApi(t);
    await deploy("f");
    const send = (ClientContext: string) => client.send(new InvokeCommand({ FunctionName: "f", ClientContext }));
    await send(padded(2685));
    assert.equal(padded(2685).length, 3580);
    await assert.rejects(send(padded(2688)), { name: "InvalidRequestContentException", message: /3583 bytes/ });
    for (const context of ["string", base64("[]"), base64("1"), base64("{"), "e30=e30=", "{}"]) {
      await assert.rejects(send(context), {
        name: "InvalidRequestContentException",
        message: "Client context must be a valid Base64-encoded JSON object.",
      });
    }
  });

  it("waits for nobody: a function that is Pending is a conflict", async (t) => {
    const { client, functions, artifacts } = await startApi(t);
    artifacts.hold();
    await functions.create(scope, "f", request("f"));
    await assert.rejects(client.send(new InvokeCommand({ FunctionName: "f" })), {
      name: "ResourceConflictException",
      message:
        "The operation cannot be performed at this time. The function is currently in the following state: Pending",
    });
  });
});

const get = async (address: string, method = "GET") => {
  const answer = await fetch(address, { method });
  return [answer.status, await answer.text()] as const;
};

describe("the download of code", () => {
  it("gives the zip to whoever has the URL, for ten minutes", async (t) => {
    let now = Date.now();
    const { client, deploy, functions, faults } = await startApi(t, { now: () => now });
    await deploy("f", { Publish: true });
    const { Code } = await client.send(new GetFunctionCommand({ FunctionName: "f", Qualifier: "1" }));
    const url = Code?.Location ?? assert.fail();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/_kiln\/code\/[\w-]+\.[\w-]{43}$/);
    assert.deepEqual(await get(url), [200, "code of f"]);
    assert.deepEqual(await get(url, "HEAD"), [200, ""]);
    assert.equal((await get(url, "PUT"))[0], 405);

    // It is for the code of that time.
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Description: "new" }));
    await functions.settled();
    assert.deepEqual(await get(url), [200, "code of f"]);

    const denied = /<Code>AccessDenied<\/Code>/;
    const [path = "", signature = ""] = url.split(".").slice(-2);
    const forged = [
      `${url}x`,
      url.slice(0, -2),
      url.slice(0, url.lastIndexOf(".")),
      `${url}.x`,
      url.replace(signature, signature.split("").reverse().join("")),
      url.replace(path.split("/").at(-1) ?? "", Buffer.from('{"blob":"x"}').toString("base64url")),
      `${url.slice(0, url.indexOf("/_kiln"))}/_kiln/code/`,
      `${url.slice(0, url.indexOf("/_kiln"))}/_kiln/code/${"x".repeat(3000)}`,
    ];
    for (const address of forged) {
      const [status, body] = await get(address);
      assert.equal(status, 403, address);
      assert.match(body, denied);
    }
    now += 10 * 60 * 1000;
    assert.deepEqual((await get(url))[0], 403);
    assert.match((await get(url))[1], /Request has expired/);
    now -= 1;
    assert.equal((await get(url))[0], 200);
    await functions.remove(scope, "f");
    await functions.settled();
    assert.equal((await get(url))[0], 404);
    assert.deepEqual(faults, []);
  });
});
