import assert from "node:assert/strict";
import { test } from "node:test";

import { startNodeRuntime } from "./node-runtime.ts";

interface Failure {
  errorType: string;
  errorMessage: string;
  trace: string[];
}

for (const [name, files, handler, errorType, errorMessage] of [
  [
    "a missing file",
    {},
    "index.handler",
    "Runtime.ImportModuleError",
    /^Error: Cannot find module 'index'\nRequire stack:\n- \/var\/runtime\/index\.mjs$/,
  ],
  [
    "a missing dependency",
    { "index.js": "require('nope');" },
    "index.handler",
    "Runtime.ImportModuleError",
    /^Error: Cannot find module 'nope'\nRequire stack:\n- .*index\.js/,
  ],
  [
    "a syntax error",
    { "index.js": "const = 1;" },
    "index.handler",
    "Runtime.UserCodeSyntaxError",
    /^SyntaxError: Unexpected token '='$/,
  ],
  [
    "a missing export",
    { "index.js": "exports.other = 1;" },
    "index.handler",
    "Runtime.HandlerNotFound",
    /^index\.handler is undefined or not exported$/,
  ],
  [
    "an export that is no function",
    { "index.js": "exports.handler = 1;" },
    "index.handler",
    "Runtime.HandlerNotFound",
    /^index\.handler is not a function$/,
  ],
  ["a handler without a dot", { index: "" }, "index", "Runtime.MalformedHandlerName", /^Bad handler$/],
  [
    "a handler that climbs",
    { "index.js": "" },
    "../index.handler",
    "Runtime.MalformedHandlerName",
    /^'\.\.\/index\.handler' is not a valid handler name\. Use absolute paths/,
  ],
  [
    "an error while loading",
    { "index.mjs": "throw new RangeError('early');" },
    "index.handler",
    "RangeError",
    /^early$/,
  ],
] as const) {
  for (const runtime of ["nodejs20.x", "nodejs24.x"]) {
    test(`init error: ${name} (${runtime})`, async (t) => {
      const started = await startNodeRuntime(t, { files, handler, runtime });
      const error = await started.initError();
      assert.equal(error.errorType, errorType);
      assert.match(error.errorMessage, errorMessage);
      assert.ok(error.trace.length > 0);
      assert.equal(await started.exited, 129);
      const [id, title] = runtime === "nodejs24.x" ? ["-", "Init Error"] : [String(undefined), "Uncaught Exception"];
      assert.match(
        (await started.lines(1))[0] ?? "",
        new RegExp(`^\\S+Z\\t${id}\\tERROR\\t${title} \\t\\{"errorType":"${errorType}"`),
      );
    });
  }
}

test("errors are serialised as AWS serialises them", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: {
      "index.js": `class Own extends Error { constructor(m) { super(m, { cause: new Error('deep') }); this.name = 'Own'; this.code = 7; } }
        exports.handler = async (kind) => { throw ({
          own: () => new Own('mine'), text: () => 'plain', object: () => ({ a: 1 }), nothing: () => undefined,
          like: () => ({ name: 'Like', message: 'm', stack: 'a\\nb' }), del: () => new Error('\\x7f'),
          evil: () => ({ get name() { throw 1; } }),
        })[kind](); };`,
    },
  });
  const fail = async (kind: string): Promise<Failure> => {
    const { kind: answer, value, raw } = await runtime.invoke(kind);
    assert.equal(answer, "error");
    assert.equal(raw.headers["lambda-runtime-function-error-type"], (value as Failure).errorType);
    return value as Failure;
  };
  const own = await fail("own");
  assert.deepEqual([own.errorType, own.errorMessage], ["Own", "mine"]);
  // The stack's first line has the class's name from before the constructor set its own.
  assert.match(own.trace[1] ?? "", /^ +at .*index\.js/);
  assert.deepEqual(Object.keys(own), ["errorType", "errorMessage", "trace"]);
  assert.deepEqual(await fail("text"), { errorType: "string", errorMessage: "plain", trace: [] });
  assert.deepEqual(await fail("object"), { errorType: "object", errorMessage: "[object Object]", trace: [] });
  assert.deepEqual(await fail("nothing"), { errorType: "undefined", errorMessage: "undefined", trace: [] });
  assert.deepEqual(await fail("like"), { errorType: "Like", errorMessage: "m", trace: ["a", "b"] });
  assert.equal((await fail("del")).errorMessage, "%7F");
  assert.equal((await fail("evil")).errorType, "handled");
  assert.match(
    (await runtime.lines(1))[0] ?? "",
    /^\S+Z\trequest-\d+\tERROR\tInvoke Error \t\{"errorType":"Own","errorMessage":"mine","code":7,"name":"Own","stack":\["/,
  );
});

for (const runtime of ["nodejs22.x", "nodejs24.x"]) {
  test(`an uncaught exception fails the call and ends the process (${runtime})`, async (t) => {
    const started = await startNodeRuntime(t, {
      files: {
        "index.js": "exports.handler = () => new Promise(() => setTimeout(() => { throw new Error('late'); }, 1));",
      },
      runtime,
    });
    const { kind, value } = await started.invoke({});
    assert.equal(kind, "error");
    assert.equal((value as Failure).errorMessage, "late");
    assert.equal(await started.exited, 129);
  });

  test(`an unhandled rejection fails the call and ends the process (${runtime})`, async (t) => {
    const started = await startNodeRuntime(t, {
      files: {
        "index.js":
          "exports.handler = () => { Promise.reject(new Error('lost')); return new Promise((r) => setTimeout(r, 1000)); };",
      },
      runtime,
    });
    const { kind, value } = await started.invoke({});
    assert.equal(kind, "error");
    assert.deepEqual(
      [(value as Failure).errorType, (value as Failure).errorMessage],
      ["Runtime.UnhandledPromiseRejection", "Error: lost"],
    );
    assert.equal(await started.exited, 128);
    assert.match(
      (await started.lines(1))[0] ?? "",
      /ERROR\tUnhandled Promise Rejection \t\{"errorType":"Runtime.UnhandledPromiseRejection"/,
    );
  });

  test(`a promise that never settles is a Node.js exit (${runtime})`, async (t) => {
    const started = await startNodeRuntime(t, {
      files: { "index.js": "exports.handler = async (event) => event ?? new Promise(() => {});" },
      runtime,
    });
    const { kind, value } = await started.invoke(null);
    assert.equal(kind, "error");
    assert.equal((value as Failure).errorType, "Runtime.NodeJsExit");
    assert.equal((await started.invoke(1)).value, 1);
  });

  test(`process.exit ends the process without an answer (${runtime})`, async (t) => {
    const started = await startNodeRuntime(t, {
      files: { "index.js": "exports.handler = async () => process.exit(3);" },
      runtime,
    });
    void started.invoke({});
    assert.equal(await started.exited, 3);
  });
}

test("a rejection beside the answer: nodejs22.x has answered, nodejs24.x fails", async (t) => {
  const files = { "index.js": "exports.handler = async () => { Promise.reject(new Error('aside')); return 1; };" };
  const legacy = await startNodeRuntime(t, { files, runtime: "nodejs22.x" });
  assert.equal((await legacy.invoke({})).value, 1);
  assert.equal(await legacy.exited, 128);
  const modern = await startNodeRuntime(t, { files, runtime: "nodejs24.x" });
  assert.equal(((await modern.invoke({})).value as Failure).errorType, "Runtime.UnhandledPromiseRejection");
  assert.equal(await modern.exited, 128);
});

test("an event that is not JSON fails its call only", async (t) => {
  const runtime = await startNodeRuntime(t, { files: { "index.js": "exports.handler = async (event) => event;" } });
  const { kind, value } = await runtime.invoke(0, { event: "{" });
  assert.equal(kind, "error");
  assert.equal((value as Failure).errorType, "SyntaxError");
  assert.equal((await runtime.invoke(2)).value, 2);
});
