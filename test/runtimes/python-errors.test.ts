/** Errors of handlers and of their loading, as AWS's Python runtime reports them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { startPythonRuntime, withoutPython as skip } from "./python-runtime.ts";

const handler = (body: string, before = ""): Record<string, string> => ({
  "lambda_function.py": `${before}\ndef lambda_handler(event, context):\n    ${body}\n`,
});

test("an exception: message, type, request id, and the trace from the function's own code on", { skip }, async (t) => {
  const before = "class Mine(Exception):\n    pass\ndef deep():\n    raise Mine('tëxt')";
  const runtime = await startPythonRuntime(t, { files: handler("deep()", before) });
  const { kind, value, raw } = await runtime.invoke({}, { id: "id-1" });
  assert.equal(kind, "error");
  const file = join(runtime.root, "lambda_function.py");
  assert.deepEqual(value, {
    errorMessage: "tëxt",
    errorType: "Mine",
    requestId: "id-1",
    stackTrace: [
      `  File "${file}", line 6, in lambda_handler\n    deep()\n`,
      `  File "${file}", line 4, in deep\n    raise Mine('tëxt')\n`,
    ],
  });
  assert.equal(raw.headers["lambda-runtime-function-error-type"], "Mine");
  assert.deepEqual(await runtime.lines(1), [
    `[ERROR] Mine: tëxt\rTraceback (most recent call last):\r\u00a0\u00a0File "${file}", line 6, in lambda_handler\r` +
      `\u00a0\u00a0\u00a0\u00a0deep()\r\u00a0\u00a0File "${file}", line 4, in deep\r` +
      `\u00a0\u00a0\u00a0\u00a0raise Mine('tëxt')`,
  ]);
  // The next call is not harmed.
  assert.equal((await runtime.invoke({})).kind, "error");
});

test("an exception without a message, and one that cannot be printed", { skip }, async (t) => {
  const before = "class Bad(Exception):\n    def __str__(self):\n        raise ValueError('no text')";
  const runtime = await startPythonRuntime(t, { files: handler("raise Bad() if event else KeyError", before) });
  const empty = (await runtime.invoke(0)).value as Record<string, string>;
  assert.deepEqual([empty["errorType"], empty["errorMessage"]], ["KeyError", ""]);
  const bad = (await runtime.invoke(1)).value as Record<string, string>;
  assert.deepEqual([bad["errorType"], bad["errorMessage"]], ["Bad", "<unprintable Bad object>"]);
  assert.match((await runtime.lines(1))[0] ?? "", /^\[ERROR\] KeyError\rTraceback \(most recent call last\):\r/);
});

test("answers that are not JSON", { skip }, async (t) => {
  const before = "import datetime\nround = []\nround.append(round)";
  const body = "return [datetime.datetime(2026, 1, 1), {(1,): 2}, round, {'s': {1}}, '\\ud800'][event]";
  const runtime = await startPythonRuntime(t, { files: handler(body, before) });
  const messages = [
    /^Unable to marshal response: Object of type datetime is not JSON serializable$/,
    /^Unable to marshal response: keys must be str, int, float, bool or None, not tuple$/,
    /^Unable to marshal response: Circular reference detected$/,
    /^Unable to marshal response: Object of type set is not JSON serializable$/,
  ];
  for (const [index, message] of messages.entries()) {
    const value = (await runtime.invoke(index)).value as Record<string, unknown>;
    assert.equal(value["errorType"], "Runtime.MarshalError");
    assert.match(String(value["errorMessage"]), message);
    assert.deepEqual(value["stackTrace"], []);
  }
});

test("an event that is not JSON", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: handler("return 1") });
  for (const event of ["{", "[".repeat(200_000)]) {
    const { value } = await runtime.invoke(undefined, { event });
    const { errorType, errorMessage } = value as Record<string, string>;
    assert.equal(errorType, "Runtime.UnmarshalError");
    assert.match(errorMessage ?? "", /^Unable to unmarshal input: /);
  }
  assert.equal((await runtime.invoke({})).value, 1);
});

test("a client context that is not JSON", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: handler("return 1") });
  const { value } = await runtime.invoke({}, { headers: { "Lambda-Runtime-Client-Context": "{" } });
  const { errorType, errorMessage } = value as Record<string, string>;
  assert.equal(errorType, "Runtime.LambdaContextUnmarshalError");
  assert.match(errorMessage ?? "", /^Unable to parse Client Context JSON: /);
});

const loading: [what: string, files: Record<string, string>, name: string, type: string, message: RegExp][] = [
  [
    "no dot",
    {},
    "handler",
    "Runtime.MalformedHandlerName",
    /^Bad handler 'handler': not enough values to unpack \(expected 2, got 1\)$/,
  ],
  [
    "no module",
    {},
    "absent.handler",
    "Runtime.ImportModuleError",
    /^Unable to import module 'absent': No module named 'absent'$/,
  ],
  [
    "a module that imports what is not there",
    { "a.py": "import absent" },
    "a.h",
    "Runtime.ImportModuleError",
    /^Unable to import module 'a': No module named 'absent'$/,
  ],
  ["no handler", { "a.py": "" }, "a.h", "Runtime.HandlerNotFound", /^Handler 'h' missing on module 'a'$/],
  [
    "a syntax error",
    { "a.py": "def h(\n" },
    "a.h",
    "Runtime.UserCodeSyntaxError",
    /^Syntax error in module 'a': '\(' was never closed \(a\.py, line 1\)$/,
  ],
  [
    "a built-in module",
    {},
    "sys.exit",
    "Runtime.BuiltInModuleConflict",
    /^Cannot use built-in module sys as a handler module$/,
  ],
  ["a relative path", { "a.py": "" }, "../a.h", "TypeError", /relative import/],
  ["an exception at the top", { "a.py": "1 / 0" }, "a.h", "ZeroDivisionError", /^division by zero$/],
];
for (const [what, files, name, type, message] of loading) {
  test(`init error: ${what}`, { skip }, async (t) => {
    const runtime = await startPythonRuntime(t, { files, handler: name });
    const error = await runtime.initError();
    assert.deepEqual([error.errorType, (error as unknown as Record<string, string>)["requestId"]], [type, ""]);
    assert.match(error.errorMessage, message);
    assert.equal(await runtime.exited, 1);
    const [line = ""] = await runtime.lines(1);
    assert.ok(line.startsWith(`[ERROR] ${type}: ${error.errorMessage}\rTraceback (most recent call last):`), line);
  });
}

test("the stack trace of a syntax error is its place", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: { "a.py": "x = 1\ny = = 2\n" }, handler: "a.h" });
  const { stackTrace } = await runtime.initError();
  assert.deepEqual(stackTrace, [`  File "${join(runtime.root, "a.py")}" Line 2\n    y = = 2\n`]);
});

test("sys.exit and os._exit end the process with their status, in a call and before", { skip }, async (t) => {
  for (const [files, status] of [
    [handler("sys.exit(3)", "import sys"), 3],
    [handler("sys.exit(0)", "import sys"), 0],
    [handler("os._exit(4)", "import os"), 4],
    [{ "lambda_function.py": "raise SystemExit(5)" }, 5],
  ] as const) {
    const runtime = await startPythonRuntime(t, { files });
    void runtime.invoke({});
    assert.equal(await runtime.exited, status);
  }
});
