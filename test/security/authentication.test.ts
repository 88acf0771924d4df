/** Signed requests over HTTP: who is let in, what the others are told, and how little is read for them. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import * as lambda from "@aws-sdk/client-lambda";
import type { CredentialSource } from "../../src/security/contract.ts";
import { createSigV4Authenticator } from "../../src/security/sigv4/index.ts";
import { startServer } from "../wire/server.ts";

const keys = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
const session = {
  accessKeyId: "ASIAIOSFODNN7EXAMPLE",
  secretAccessKey: "another/secret",
  sessionToken: "token/of+session=",
};
const principal = {
  kind: "user",
  account: "123456789012",
  arn: "arn:aws:iam::123456789012:user/alice",
  userId: "AIDAEXAMPLE",
} as const;
const now = Date.now();

const source: CredentialSource = {
  find(accessKeyId, token) {
    if (accessKeyId === keys.accessKeyId && token === undefined) return { ...keys, principal };
    if (accessKeyId !== session.accessKeyId || token !== session.sessionToken) return undefined;
    return { ...session, principal, expiresAt: expires };
  },
};
let expires = now + 60_000;
let clock = Date.now;

async function start() {
  return startServer({
    lambda: {
      GetFunction: (_input, { caller }) => ({ Configuration: { Role: caller.arn, FunctionArn: caller.region } }),
      Invoke: () => ({ StatusCode: 200 }),
    },
    logs: { DescribeLogGroups: () => ({ logGroups: [] }) },
    authenticator: createSigV4Authenticator({ credentials: source, clock: () => clock(), region: "us-east-1" }),
  });
}

async function refusal(call: Promise<unknown>): Promise<[name: string, status: number, message: string]> {
  try {
    await call;
  } catch (thrown) {
    const error = thrown as lambda.LambdaServiceException;
    return [error.name, error.$metadata.httpStatusCode ?? 0, error.message];
  }
  return assert.fail("the call succeeded");
}

const get = new lambda.GetFunctionCommand({ FunctionName: "hello:$LATEST" });

test("a good signature is a caller, with its account and the region of the signature", async () => {
  await using server = await start();
  const { Configuration } = await server.lambda({ credentials: keys, region: "ap-south-1" }).send(get);
  assert.deepEqual([Configuration?.Role, Configuration?.FunctionArn], [principal.arn, "ap-south-1"]);
  await server.lambda({ credentials: session }).send(get);
});

const invalidToken = "The security token included in the request is invalid.";
const mismatch =
  "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and " +
  "signing method. Consult the service documentation for details.";

test("who cannot sign is refused, and learns no more than AWS tells", async () => {
  await using server = await start();
  const told = (credentials: typeof keys & { sessionToken?: string }) =>
    refusal(server.lambda({ credentials }).send(get));
  assert.deepEqual(await told({ ...keys, accessKeyId: "AKIAUNKNOWNUNKNOWN22" }), [
    "UnrecognizedClientException",
    403,
    invalidToken,
  ]);
  assert.deepEqual(await told({ ...keys, secretAccessKey: "guess" }), ["InvalidSignatureException", 403, mismatch]);
  const { sessionToken: _none, ...noToken } = session;
  assert.deepEqual(await told(noToken), ["UnrecognizedClientException", 403, invalidToken]);
  assert.deepEqual(await told({ ...session, sessionToken: "x" }), ["UnrecognizedClientException", 403, invalidToken]);
  expires = now - 1;
  const expired = "The security token included in the request is expired";
  assert.deepEqual(await told(session), ["ExpiredTokenException", 403, expired]);
  expires = now + 60_000;
});

test("who comes with what emulators take is told where keys come from", async () => {
  await using server = await start();
  for (const accessKeyId of ["test", "000000000000", "fake"]) {
    const [code, status, message] = await refusal(
      server.lambda({ credentials: { accessKeyId, secretAccessKey: "test" } }).send(get),
    );
    assert.deepEqual([code, status], ["UnrecognizedClientException", 403]);
    assert.ok(message.startsWith(invalidToken), message);
    assert.match(message, /eval "\$\(kiln env\)".*--auth off/);
  }
});

test("a clock that is more than five minutes off is refused, in both directions", async () => {
  await using server = await start();
  for (const [offset, says] of [
    [5 * 60_000 - 5_000, undefined],
    [
      5 * 60_000 + 5_000,
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    ],
    [-5 * 60_000 + 5_000, undefined],
    [
      -5 * 60_000 - 5_000,
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
    ],
  ] as const) {
    clock = () => Date.now() + offset;
    const call = server.lambda({ credentials: keys }).send(get);
    if (says === undefined) await call;
    else {
      const [name, status, message] = await refusal(call);
      assert.deepEqual([name, status], ["InvalidSignatureException", 403]);
      assert.match(message, says);
    }
  }
  clock = Date.now;
});

test("an unsigned request, and one that is signed for another service", async () => {
  await using server = await start();
  const path = "/2015-03-31/functions/hello";
  const unsigned = await fetch(`${server.url}${path}`);
  assert.equal(unsigned.status, 403);
  assert.equal(unsigned.headers.get("x-amzn-errortype"), "MissingAuthenticationTokenException");
  assert.deepEqual(await unsigned.json(), { message: "Missing Authentication Token" });
  const json = await fetch(server.url, {
    method: "POST",
    headers: { "x-amz-target": "Logs_20140328.DescribeLogGroups", "content-type": "application/x-amz-json-1.1" },
    body: "{}",
  });
  assert.equal(json.status, 400);
  assert.deepEqual(await json.json(), {
    __type: "MissingAuthenticationTokenException",
    message: "Missing Authentication Token",
  });

  const client = server.lambda({ credentials: keys });
  client.middlewareStack.add(
    (next) => (call) => {
      const { headers } = call.request as { headers: Record<string, string> };
      headers["x-amz-target"] = "Logs_20140328.DescribeLogGroups";
      return next(call);
    },
    { step: "build" },
  );
  const [, , message] = await refusal(client.send(new lambda.InvokeCommand({ FunctionName: "hello" })));
  assert.match(message, /scoped to correct service: 'logs'/);
});

test("what is added to a signed request underway is refused", async () => {
  await using server = await start();
  for (const [name, value, refused] of [
    ["X-Amz-Invocation-Type", "Event", true],
    ["X-Amz-Log-Type", "Tail", true],
    ["X-Amzn-Trace-Id", "Root=1-63441c4a-abcdef012345678912345678", false],
    ["X-Amz-Cf-Id", "proxy", false],
  ] as const) {
    const client = server.lambda({ credentials: keys });
    client.middlewareStack.add(
      (next) => (call) => {
        (call.request as { headers: Record<string, string> }).headers[name] = value;
        return next(call);
      },
      { step: "finalizeRequest", priority: "low" },
    );
    const call = client.send(new lambda.InvokeCommand({ FunctionName: "hello" }));
    if (refused) assert.deepEqual((await refusal(call)).slice(0, 2), ["InvalidSignatureException", 403], name);
    else await call;
  }
});

test("SigV4A, unknown algorithms and payloads that are not signed are refused clearly", async () => {
  await using server = await start();
  const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
  const scope = `${keys.accessKeyId}/${today}/us-east-1/lambda/aws4_request`;
  const ask = async (algorithm: string, credential: string, more: Record<string, string> = {}) => {
    const names = ["host", "x-amz-date", ...Object.keys(more)].sort();
    const answer = await fetch(`${server.url}/2015-03-31/functions/hello`, {
      headers: {
        authorization: `${algorithm} Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${"0".repeat(64)}`,
        "x-amz-date": new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, ""),
        ...more,
      },
    });
    return `${answer.headers.get("x-amzn-errortype")}: ${((await answer.json()) as { message: string }).message}`;
  };
  assert.match(
    await ask("AWS4-ECDSA-P256-SHA256", scope.replace("us-east-1/", "")),
    /^IncompleteSignatureException: SigV4A .* not supported/,
  );
  assert.match(await ask("AWS4-HMAC-SHA1", scope), /^IncompleteSignatureException: Unsupported AWS 'algorithm'/);
  for (const hash of ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"]) {
    assert.match(
      await ask("AWS4-HMAC-SHA256", scope, { "x-amz-content-sha256": hash }),
      /^InvalidSignatureException: .*unsigned and streaming payloads are not supported/,
    );
  }
});

test("for a key that nobody has, and for a declared hash that is not signed with the secret, no body is read", async () => {
  await using server = await start();
  for (const [key, code] of [
    ["AKIAUNKNOWN", "UnrecognizedClientException"],
    [keys.accessKeyId, "InvalidSignatureException"],
  ] as const) {
    const time = new Date().toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
    const head = [
      "POST /2015-03-31/functions/hello/invocations HTTP/1.1",
      "Host: kiln",
      `X-Amz-Date: ${time}`,
      `X-Amz-Content-Sha256: ${"0".repeat(64)}`,
      `Authorization: AWS4-HMAC-SHA256 Credential=${key}/${time.slice(0, 8)}/us-east-1/lambda/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${"0".repeat(64)}`,
      "Content-Length: 6000000",
      "Expect: 100-continue",
    ];
    const text = await new Promise<string>((resolve, reject) => {
      let received = "";
      const socket = connect(server.port, "127.0.0.1", () => socket.write(`${head.join("\r\n")}\r\n\r\n`));
      socket.on("data", (chunk) => (received += chunk.toString()));
      socket.on("error", reject);
      socket.on("close", () => resolve(received));
    });
    assert.ok(text.startsWith("HTTP/1.1 403"), text);
    assert.ok(text.includes(`x-amzn-ErrorType: ${code}`), text);
  }
});
