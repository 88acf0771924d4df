import assert from "node:assert/strict";
import { test } from "node:test";

import { startNodeRuntime } from "./node-runtime.ts";

const runtime = "nodejs22.x";

async function answer(t: Parameters<typeof startNodeRuntime>[0], source: string): Promise<unknown> {
  const started = await startNodeRuntime(t, { files: { "index.js": source }, runtime });
  const { kind, value } = await started.invoke({ n: 1 });
  // The process must be ready for the next call, whatever the first did.
  assert.equal((await started.invoke({ n: 2 })).kind, kind);
  return kind === "error"
    ? (({ errorType, errorMessage }) => ({ errorType, errorMessage }))(value as Record<string, unknown>)
    : value;
}

test("a callback's result is the answer", async (t) => {
  assert.deepEqual(await answer(t, "exports.handler = (event, context, callback) => callback(null, 'yes');"), "yes");
});

test("a callback's error is the answer", async (t) => {
  assert.deepEqual(await answer(t, "exports.handler = (e, c, callback) => callback(new TypeError('no'));"), {
    errorType: "TypeError",
    errorMessage: "no",
  });
  assert.deepEqual(await answer(t, "exports.handler = (e, c, callback) => callback('no');"), {
    errorType: "string",
    errorMessage: "no",
  });
});

function waiting(wait: boolean): string {
  return `exports.handler = (e, context, callback) => {
    context.callbackWaitsForEmptyEventLoop = ${String(wait)};
    const result = { late: false };
    setTimeout(() => { result.late = true; }, 20);
    callback(null, result);
  };`;
}

test("after the callback the event loop runs dry first", async (t) => {
  assert.deepEqual(await answer(t, waiting(true)), { late: true });
  assert.deepEqual(await answer(t, waiting(false)), { late: false });
});

test("a handler that never answers ends with null when nothing is left to do", async (t) => {
  assert.equal(await answer(t, "exports.handler = () => 'ignored';"), null);
  assert.equal(await answer(t, "exports.handler = () => { setTimeout(() => {}, 5); };"), null);
});

test("context.succeed, fail and done", async (t) => {
  assert.equal(await answer(t, "exports.handler = (e, context) => { context.succeed(1); };"), 1);
  assert.equal(await answer(t, "exports.handler = (e, context) => { context.done(null, 2); };"), 2);
  assert.deepEqual(await answer(t, "exports.handler = (e, context) => { context.fail(new Error('f')); };"), {
    errorType: "Error",
    errorMessage: "f",
  });
  assert.deepEqual(await answer(t, "exports.handler = (e, context) => { context.fail(); };"), {
    errorType: "string",
    errorMessage: "handled",
  });
});

test("only the first completion counts", async (t) => {
  assert.equal(
    await answer(
      t,
      "exports.handler = (e, context, callback) => { context.succeed(1); context.fail('x'); callback(null, 3); };",
    ),
    1,
  );
  assert.equal(await answer(t, "exports.handler = async (e, context) => { context.succeed(1); return 2; };"), 1);
});

test("a handler that throws fails its call", async (t) => {
  assert.deepEqual(await answer(t, "exports.handler = (e, c, callback) => { throw new Error('sync'); };"), {
    errorType: "Error",
    errorMessage: "sync",
  });
});

test("a callback's result that is not JSON fails its call", async (t) => {
  assert.deepEqual(await answer(t, "exports.handler = (e, c, callback) => { callback(null, 1n); };"), {
    errorType: "Runtime.JSONStringifyError",
    errorMessage: "Unable to stringify response body",
  });
});

test("a callback handler is warned of nodejs24.x, once", async (t) => {
  const files = { "index.js": "exports.handler = (e, c, callback) => callback();" };
  const warned = await startNodeRuntime(t, { files, runtime });
  await warned.invoke({});
  await warned.invoke({});
  assert.equal(
    (await warned.lines(1)).filter((line) => line.includes("WARN\tAWS Lambda plans to remove support")).length,
    1,
  );
  const quiet = await startNodeRuntime(t, { files, runtime, env: { AWS_LAMBDA_NODEJS_DISABLE_CALLBACK_WARNING: "1" } });
  await quiet.invoke({});
  assert.deepEqual(await quiet.lines(0), []);
});
