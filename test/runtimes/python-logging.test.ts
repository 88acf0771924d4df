/** The root logger, `print` and the runtime's own lines, in AWS's text and JSON formats. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { startPythonRuntime, withoutPython as skip } from "./python-runtime.ts";

const source = `
import logging, sys
logging.warning("init")
log = logging.getLogger("mine")
def lambda_handler(event, context):
    print("printed", 1, "ü")
    print("two\\nlines")
    log.warning("one\\r\\ntwo %s", 3)
    log.info("not shown")
    try:
        raise ValueError("v")
    except ValueError:
        log.exception("caught")
    print("unfinished", end="")
    log.error("its own line")
    context.log("by the context\\n")
    sys.stdout.write("raw")
`;

test("text: level, time, request id, message; one line an event", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: { "lambda_function.py": source } });
  await runtime.invoke({}, { id: "id-1" });
  const lines = (await runtime.lines(9)).map((line) =>
    line.replace(/\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t/, "\tTIME\t"),
  );
  assert.deepEqual(lines.slice(0, 5), [
    "[WARNING]\tTIME\t\tinit",
    "printed 1 ü",
    "two",
    "lines",
    "[WARNING]\tTIME\tid-1\tone\rtwo 3",
  ]);
  assert.match(
    lines[5] ?? "",
    /^\[ERROR\]\tTIME\tid-1\tcaught\rTraceback \(most recent call last\):\r {2}File "[^]*\rValueError: v$/,
  );
  assert.deepEqual(lines.slice(6), ["unfinished", "[ERROR]\tTIME\tid-1\tits own line", "by the context"]);
});

test("JSON: one object an event, with extras and exceptions", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, {
    files: {
      "lambda_function.py": `
import logging
log = logging.getLogger("mine")
def lambda_handler(event, context):
    print("plain")
    log.warning("with %s", "parameters", extra={"order": {"id": 1}, "nothing": None, "at": {2}})
    log.warning({"as": ["it", "is"]})
    try:
        raise ValueError("v\\nw")
    except ValueError:
        log.exception("caught")
    log.log(35, "between")
    log.info("not shown")
    raise TypeError("thrown")
`,
    },
    env: { AWS_LAMBDA_LOG_FORMAT: "JSON" },
  });
  await runtime.invoke({}, { id: "id-2", headers: { "Lambda-Runtime-Aws-Tenant-Id": "blue" } });
  const [plain, ...lines] = await runtime.lines(6);
  assert.equal(plain, "plain");
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const event of events) {
    assert.match(String(event["timestamp"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(event["requestId"], "id-2");
    delete event["timestamp"];
  }
  const [extra, dict, caught, between, thrown] = events;
  assert.deepEqual(extra, {
    level: "WARNING",
    message: "with parameters",
    logger: "mine",
    requestId: "id-2",
    tenantId: "blue",
    order: { id: 1 },
    at: "{2}",
  });
  assert.deepEqual(dict?.["message"], { as: ["it", "is"] });
  assert.deepEqual(
    [caught?.["errorType"], caught?.["errorMessage"], caught?.["level"]],
    ["ValueError", "v\nw", "ERROR"],
  );
  assert.match(String(caught?.["location"]), /lambda_function\.py:lambda_handler:\d+$/);
  assert.match(String(caught?.["stackTrace"]), /raise ValueError/);
  assert.equal(between?.["level"], "WARNING");
  assert.deepEqual(Object.keys(thrown ?? {}), ["level", "errorMessage", "errorType", "requestId", "stackTrace"]);
  assert.deepEqual([thrown?.["level"], thrown?.["errorType"]], ["ERROR", "TypeError"]);
});

test("the application log level", { skip }, async (t) => {
  const files = {
    "lambda_function.py":
      "import logging\ndef lambda_handler(event, context):\n    for level in ('debug', 'info', 'error', 'critical'):\n" +
      "        getattr(logging, level)(level)\n    print('end')\n",
  };
  for (const [level, expected] of [
    ["TRACE", ["debug", "info", "error", "critical"]],
    ["INFO", ["info", "error", "critical"]],
    ["FATAL", ["critical"]],
  ] as const) {
    for (const format of ["Text", "JSON"]) {
      const env = { AWS_LAMBDA_LOG_FORMAT: format, AWS_LAMBDA_LOG_LEVEL: level };
      const runtime = await startPythonRuntime(t, { files, env });
      await runtime.invoke({});
      const lines = (await runtime.lines(expected.length + 1)).slice(0, -1);
      const messages = lines.map((line) =>
        format === "JSON" ? (JSON.parse(line) as { message: string }).message : line.split("\t")[3],
      );
      assert.deepEqual(messages, expected);
    }
  }
});

test("wrong arguments of a log call are the caller's error, as on AWS", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, {
    files: { "lambda_function.py": "import logging\ndef lambda_handler(e, c):\n    logging.error('%d', 'x')\n" },
  });
  assert.equal(((await runtime.invoke({})).value as Record<string, string>)["errorType"], "TypeError");
});

test("a long burst is whole and out before the answer", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, {
    files: {
      "lambda_function.py":
        "import logging\ndef lambda_handler(e, c):\n    for i in range(1000):\n        print(i, 'x' * 500)\n        logging.error('y' * 500)\n",
    },
  });
  await runtime.invoke({});
  const lines = await runtime.lines(2000);
  assert.ok(
    lines.every((line, index) => (index % 2 === 0 ? line.startsWith(`${index / 2} xxx`) : line.endsWith("yyy"))),
  );
});
