import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { startNodeRuntime } from "./node-runtime.ts";

test("an async handler's value is the answer, over one connection", async (t) => {
  const runtime = await startNodeRuntime(t, { files: { "index.js": "exports.handler = async (event) => event;" } });
  for (const event of [1, "zwölf €", { a: [null] }, "x".repeat(300_000)]) {
    const { kind, value } = await runtime.invoke(event);
    assert.equal(kind, "response");
    assert.deepEqual(value, event);
  }
  assert.equal(runtime.connections(), 1);
});

test("an event may come in chunks", async (t) => {
  const runtime = await startNodeRuntime(t, { files: { "index.js": "exports.handler = async (event) => event;" } });
  assert.deepEqual((await runtime.invoke({ ü: 1 }, { chunked: true })).value, { ü: 1 });
  assert.deepEqual((await runtime.invoke(2)).value, 2);
});

for (const version of ["nodejs22.x", "nodejs24.x"])
  test(`the context has everything that AWS's has (${version})`, async (t) => {
    const runtime = await startNodeRuntime(t, {
      runtime: version,
      files: {
        "index.js": `exports.handler = async (event, context) =>
        ({ ...context, left: context.getRemainingTimeInMillis(), trace: process.env._X_AMZN_TRACE_ID,
           legacy: ["requestId", "tenantId"].map((name) => globalThis[Symbol.for("aws.lambda.runtime." + name)] ?? "") });`,
      },
    });
    const { value } = await runtime.invoke(0, {
      id: "11111111-2222",
      headers: {
        "lambda-runtime-client-context": Buffer.from('{"client":{"title":"ö"}}').toString("latin1"),
        "lambda-runtime-cognito-identity": '{"cognitoIdentityId":"a"}',
        "lambda-runtime-trace-id": "Root=1-2-3",
        "lambda-runtime-aws-tenant-id": "blue",
      },
    });
    const modern = version === "nodejs24.x";
    const {
      left,
      callbackWaitsForEmptyEventLoop: _waits,
      ...context
    } = value as Record<string, unknown> & { left: number };
    assert.ok(left > 0 && left <= 3000);
    assert.deepEqual(context, {
      functionVersion: "$LATEST",
      functionName: "f",
      memoryLimitInMB: "128",
      logGroupName: "/aws/lambda/f",
      logStreamName: "2026/01/01/[$LATEST]0",
      clientContext: { client: { title: "ö" } },
      identity: { cognitoIdentityId: "a" },
      invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:f",
      awsRequestId: "11111111-2222",
      tenantId: "blue",
      trace: "Root=1-2-3",
      legacy: modern ? ["", ""] : ["11111111-2222", "blue"],
      ...(modern ? { xRayTraceId: "Root=1-2-3" } : {}),
    });
  });

test("nodejs24.x: libraries find the call in the store that AWS's runtime shares with them", async (t) => {
  const path = fileURLToPath(import.meta.resolve("@aws/lambda-invoke-store"));
  const runtime = await startNodeRuntime(t, {
    files: {
      "index.js": `const { InvokeStore } = require(${JSON.stringify(path)});
        exports.handler = async () => {
          const store = await InvokeStore.getInstanceAsync();
          const seen = [store.getRequestId(), store.getXRayTraceId(), store.getTenantId(), store.get("mine")];
          store.set("mine", 1);
          let refused;
          try { store.set(Symbol.for("_AWS_LAMBDA_TENANT_ID"), "red"); } catch (error) { refused = error.message; }
          return [store === globalThis.awslambda.InvokeStore, ...seen, store.get("mine"), refused];
        };`,
    },
  });
  const headers = { "lambda-runtime-trace-id": "Root=1", "lambda-runtime-aws-tenant-id": "blue" };
  const refused = "Cannot modify protected Lambda context field: Symbol(_AWS_LAMBDA_TENANT_ID)";
  for (const id of ["a", "b"]) {
    const { value } = await runtime.invoke(0, { id, headers });
    assert.deepEqual(value, [true, id, "Root=1", "blue", null, 1, refused]);
  }
});

for (const [name, files, handler] of [
  ["an ES module", { "index.mjs": "export const handler = async () => 'here';" }, "index.handler"],
  [
    "an ES module by package.json",
    { "package.json": '{"type":"module"}', "index.js": "export const handler = async () => 'here';" },
    "index.handler",
  ],
  ["a default export", { "index.mjs": "export default async () => 'here';" }, "index.default"],
  ["a .cjs file", { "index.cjs": "exports.handler = async () => 'here';" }, "index.handler"],
  ["a file without extension", { index: "exports.handler = async () => 'here';" }, "index.handler"],
  ["a nested export", { "a/b/app.js": "exports.x = { y: { z: async () => 'here' } };" }, "a/b/app.x.y.z"],
  ["a folder with an index", { "app/index.js": "exports.handler = async () => 'here';" }, "app/index.handler"],
  ["a package", { "node_modules/pkg/index.js": "exports.handler = async () => 'here';" }, "pkg.handler"],
  [
    "top-level await",
    { "index.mjs": "const it = await 'here'; export const handler = async () => it;" },
    "index.handler",
  ],
  [
    "its own node_modules",
    {
      "node_modules/dep/index.js": "module.exports = 'here';",
      "index.js": "exports.handler = async () => require('dep');",
    },
    "index.handler",
  ],
] as const) {
  for (const runtime of ["nodejs22.x", "nodejs24.x"]) {
    test(`loads ${name} (${runtime})`, async (t) => {
      const started = await startNodeRuntime(t, { files, handler, runtime });
      assert.equal((await started.invoke({})).value, "here");
    });
  }
}

test("runs in the task root, with NODE_PATH as AWS sets it", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: {
      "index.js": "exports.handler = async () => [process.cwd(), typeof gc, ...process.env.NODE_PATH.split(':')];",
    },
  });
  const [cwd, gc, versioned, ...paths] = (await runtime.invoke({})).value as string[];
  assert.equal(cwd, runtime.root);
  assert.equal(gc, "function");
  assert.match(versioned ?? "", /^\/opt\/nodejs\/node\d+\/node_modules$/);
  assert.deepEqual(paths, ["/opt/nodejs/node_modules", "/var/runtime/node_modules", "/var/runtime", runtime.root]);
});

test("undefined becomes null; a result that is not JSON is an error", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: { "index.js": "exports.handler = async (n) => [undefined, () => 0, 1n][n];" },
  });
  assert.equal((await runtime.invoke(0)).raw.body, "null");
  assert.equal((await runtime.invoke(1)).raw.body, "null");
  const { kind, value } = await runtime.invoke(2);
  assert.equal(kind, "error");
  assert.equal((value as { errorMessage: string }).errorMessage, "Unable to stringify response body");
  assert.equal((await runtime.invoke(0)).raw.body, "null");
});

test("a handler of nodejs24.x may return its value without a promise, and has no callbacks", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: { "index.js": "exports.handler = (event, context) => [event, typeof context.done];" },
  });
  assert.deepEqual((await runtime.invoke(7)).value, [7, "undefined"]);
});

test("nodejs24.x refuses a handler with a callback", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: { "index.js": "exports.handler = (a, b, callback) => callback();" },
  });
  assert.equal((await runtime.initError()).errorType, "Runtime.CallbackHandlerDeprecated");
  assert.notEqual(await runtime.exited, 0);
});

test("a function that needs a larger heap than V8 has by itself gets it", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: { "index.js": "exports.handler = async () => require('v8').getHeapStatistics().heap_size_limit / 2 ** 20;" },
    env: { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "10240" },
  });
  assert.ok(((await runtime.invoke({})).value as number) >= 9216);
});

test("what a call leaves running goes on in the next", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: { "index.js": `let n = 0; exports.handler = async () => { setTimeout(() => n++, 1); return n; };` },
  });
  assert.equal((await runtime.invoke({})).value, 0);
  await new Promise((resolve) => {
    setTimeout(resolve, 50);
  });
  assert.equal((await runtime.invoke({})).value, 1);
});
