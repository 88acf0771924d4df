/** Events, contexts and answers of the Python runtime. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test } from "node:test";

import { python, startPythonRuntime, withoutPython as skip } from "./python-runtime.ts";

const returns = (expression: string, before = ""): Record<string, string> => ({
  "lambda_function.py": `${before}\ndef lambda_handler(event, context):\n    return ${expression}\n`,
});

test("events in, answers out, over one connection", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: returns("{'got': event, 'type': type(event).__name__}") });
  for (const event of [{ a: [1, 2.5, "ü", null, true] }, "text", 7, null, [], { deep: { er: {} } }]) {
    const { kind, value, raw } = await runtime.invoke(event);
    assert.equal(kind, "response");
    assert.deepEqual((value as { got: unknown }).got, event);
    assert.equal(raw.headers["content-type"], "application/json");
  }
  assert.equal(runtime.connections(), 1);
});

test("large events and answers, and an event in chunks", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: returns("event['text'] * event['times']") });
  const text = "€".repeat(1_900_000);
  assert.equal((await runtime.invoke({ text, times: 1 })).value, text);
  assert.equal((await runtime.invoke({ text: "ab", times: 2 }, { chunked: true })).value, "abab");
  assert.equal(((await runtime.invoke({ text: "x", times: 6_000_000 })).value as string).length, 6_000_000);
});

test("the context", { skip }, async (t) => {
  const source = `
import os
def lambda_handler(event, c):
    client = c.client_context
    return {
        "plain": {name: getattr(c, name) for name in ("aws_request_id", "log_group_name", "log_stream_name",
            "function_name", "memory_limit_in_mb", "function_version", "invoked_function_arn", "tenant_id")},
        "client": client and [client.custom, client.env, client.client and client.client.app_title,
            client.client and client.client.installation_id],
        "identity": [c.identity.cognito_identity_id, c.identity.cognito_identity_pool_id],
        "left": c.get_remaining_time_in_millis(),
        "w3c": c.w3c(),
        "trace": os.environ.get("_X_AMZN_TRACE_ID"),
        "repr": repr(c),
    }
`;
  const runtime = await startPythonRuntime(t, { files: { "lambda_function.py": source } });
  const bare = (await runtime.invoke({}, { id: "id-1" })).value as Record<string, unknown>;
  assert.deepEqual(bare["plain"], {
    aws_request_id: "id-1",
    log_group_name: "/aws/lambda/f",
    log_stream_name: "2026/01/01/[$LATEST]0",
    function_name: "f",
    memory_limit_in_mb: "128",
    function_version: "$LATEST",
    invoked_function_arn: "arn:aws:lambda:us-east-1:123456789012:function:f",
    tenant_id: null,
  });
  assert.deepEqual([bare["client"], bare["identity"], bare["trace"]], [null, [null, null], null]);
  const left = bare["left"] as number;
  assert.ok(Number.isInteger(left) && left > 0 && left <= 3000);
  assert.match(
    String(bare["repr"]),
    /^LambdaContext\(\[aws_request_id=id-1,log_group_name=\/aws\/lambda\/f,.*,tenant_id=None\]\)$/,
  );

  const full = (
    await runtime.invoke(
      {},
      {
        headers: {
          "Lambda-Runtime-Client-Context": Buffer.from(
            JSON.stringify({
              custom: { k: "ü" },
              env: { e: 1 },
              client: { app_title: "T" },
              w3c: { traceparent: "00-a", x: 1 },
            }),
          ).toString("latin1"),
          "Lambda-Runtime-Cognito-Identity": JSON.stringify({ cognitoIdentityId: "i", cognitoIdentityPoolId: "p" }),
          "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1",
          "Lambda-Runtime-Aws-Tenant-Id": "blue",
        },
      },
    )
  ).value as Record<string, unknown>;
  assert.deepEqual(full["client"], [{ k: "ü" }, { e: 1 }, "T", null]);
  assert.deepEqual([bare["w3c"], full["w3c"]], [{}, { traceparent: "00-a" }]);
  assert.deepEqual(full["identity"], ["i", "p"]);
  assert.equal(full["trace"], "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1");
  assert.equal((full["plain"] as Record<string, unknown>)["tenant_id"], "blue");
  // The trace of one call is not the next one's.
  assert.equal(((await runtime.invoke({})).value as Record<string, unknown>)["trace"], null);
});

test("answers that only AWS's encoder takes", { skip }, async (t) => {
  const before = `
import collections, decimal, enum
Point = collections.namedtuple("Point", "x y")
class Row:
    def _asdict(self):
        return {"row": Point(5, (6,))}
class Size(enum.IntEnum):
    LARGE = 3
D = decimal.Decimal
`;
  const expression = `[
    Point(1, [Point(2, "z")]), {"b": b"bytes", b"key": (1, 2)}, [D("1.10"), D("-3"), {"d": D("0.1")}], Row(), Size.LARGE,
    collections.OrderedDict(p=Point(1, 1)), {1: None, None: 2, True: 3}, "plain",
  ]`;
  const runtime = await startPythonRuntime(t, { files: returns(expression, before) });
  const { raw, value } = await runtime.invoke({});
  assert.deepEqual(value, [
    { x: 1, y: [{ x: 2, y: "z" }] },
    { b: "bytes", key: [1, 2] },
    [1.1, -3, { d: 0.1 }],
    { row: { x: 5, y: [6] } },
    3,
    { p: { x: 1, y: 1 } },
    { "1": 3, null: 2 },
    "plain",
  ]);
  assert.match(raw.body, /\[1\.10, -3, \{"d": 0\.1\}\]/);
});

test("bytes are the answer as they are", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: returns(`b'{"raw": 1}'`) });
  const { raw } = await runtime.invoke({});
  assert.equal(raw.body, '{"raw": 1}');
  assert.equal(raw.headers["content-type"], "application/unknown");
});

test("characters beyond ASCII are escaped up to Python 3.11 only", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: returns("'ü'") });
  const expected = Number(python.version.slice(2)) < 12 ? '"\\u00fc"' : '"ü"';
  assert.equal((await runtime.invoke({})).raw.body, expected);
});

test("handlers in packages, by dots and by slashes", { skip }, async (t) => {
  for (const handler of ["src.app.run", "src/app.run"]) {
    const runtime = await startPythonRuntime(t, {
      files: {
        "src/app.py": "from . import part\ndef run(event, context):\n    return part.NAME\n",
        "src/part.py": "NAME = 'p'",
      },
      handler,
    });
    assert.equal((await runtime.invoke({})).value, "p", handler);
  }
});

test("a callable object and its class's method are handlers as well", { skip }, async (t) => {
  const source =
    "class App:\n    def __call__(self, event, context):\n        return 'called'\nlambda_handler = App()\n";
  const runtime = await startPythonRuntime(t, { files: { "lambda_function.py": source } });
  assert.equal((await runtime.invoke({})).value, "called");
});

test("the search path: the function, its layers, the runtime; .pth files of the function", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, {
    files: {
      ...returns("[sys.path, os.environ['PYTHONPATH'], os.getcwd(), found.HERE]", "import os, sys, found"),
      "more.pth": "vendored\n",
      "vendored/found.py": "HERE = 'vendored'",
    },
  });
  const [path, variable, cwd, here] = (await runtime.invoke({})).value as [string[], string, string, string];
  assert.deepEqual(path.slice(0, 4), [
    runtime.root,
    `/opt/python/lib/python${python.version}/site-packages`,
    "/opt/python",
    `/var/lang/lib/python${python.version}/site-packages`,
  ]);
  const own = dirname(new URL("../../runtimes/python/bootstrap.py", import.meta.url).pathname);
  assert.equal(path[4], own);
  assert.deepEqual([variable, cwd, here], [own, runtime.root, "vendored"]);
});

test("who sets PYTHONPATH says it alone", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, {
    files: returns("[sys.path[0], '/opt/python' in sys.path, '/own' in sys.path]", "import sys"),
    env: { PYTHONPATH: "/own" },
  });
  assert.deepEqual((await runtime.invoke({})).value, [runtime.root, false, true]);
});

test("threads go on between calls", { skip }, async (t) => {
  const source = `
import threading, time
state = []
def work():
    while True:
        state.append(1)
        time.sleep(0.005)
def lambda_handler(event, context):
    if not state:
        threading.Thread(target=work, daemon=True).start()
        while not state:
            time.sleep(0.001)
    return len(state)
`;
  const runtime = await startPythonRuntime(t, { files: { "lambda_function.py": source } });
  const first = (await runtime.invoke({})).value as number;
  let later = first;
  while (later === first) {
    later = (await runtime.invoke({})).value as number;
  }
  assert.ok(later > first);
});

test("a signal handler runs while no call does", { skip }, async (t) => {
  const source = `
import signal
def stop(number, frame):
    print("terminated in order")
    raise SystemExit(0)
signal.signal(signal.SIGTERM, stop)
def lambda_handler(event, context):
    return 1
`;
  const runtime = await startPythonRuntime(t, { files: { "lambda_function.py": source } });
  await runtime.invoke({});
  runtime.kill("SIGTERM");
  assert.deepEqual(await runtime.lines(1), ["terminated in order"]);
  assert.equal(await runtime.exited, 0);
});

test("a spawned process of multiprocessing does not become a runtime", { skip }, async (t) => {
  const source = `
import multiprocessing
def work(pipe):
    pipe.send("from the child")
def lambda_handler(event, context):
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=work, args=(there,))
    process.start()
    answer = here.recv()
    process.join()
    return [answer, process.exitcode]
`;
  const runtime = await startPythonRuntime(t, { files: { "lambda_function.py": source } });
  assert.deepEqual((await runtime.invoke({})).value, ["from the child", 0]);
});

test("a pre-booted runtime gets its function and exactly its environment", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: {}, preboot: true });
  // Code appears after the process has started; one module has the name of what is loaded before.
  const files = {
    ...returns(
      "[dict(os.environ), os.getcwd(), time.localtime(0).tm_hour, uuid.MINE, uuid4 is not None]",
      "import os, time, uuid\nfrom decimal import Decimal as uuid4",
    ),
    "uuid.py": "MINE = 'own module'",
  };
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(runtime.root, name), content);
  }
  runtime.assign({ MINE: "ü=1", TZ: "Asia/Tokyo" });
  const [env, cwd, hour, mine] = (await runtime.invoke({})).value as [Record<string, string>, string, number, string];
  assert.equal(env["MINE"], "ü=1");
  assert.equal(env["_HANDLER"], "lambda_function.lambda_handler");
  assert.deepEqual([env["LEFTOVER"], env["KILN_PREBOOT"]], [undefined, undefined]);
  assert.deepEqual([cwd, hour, mine], [runtime.root, 9, "own module"]);
  assert.equal(runtime.connections(), 1);
});

test("a pre-booted runtime reports a function that cannot be loaded", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: {}, preboot: true });
  runtime.assign();
  assert.equal((await runtime.initError()).errorType, "Runtime.ImportModuleError");
  assert.equal(await runtime.exited, 1);
});

test("the log format of a pre-booted runtime is the function's", { skip }, async (t) => {
  const runtime = await startPythonRuntime(t, { files: {}, preboot: true });
  await mkdir(join(runtime.root, "src"));
  await writeFile(join(runtime.root, "src/f.py"), "import logging\ndef h(e, c):\n    logging.info('hello')\n");
  runtime.assign({ AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "INFO", _HANDLER: "src.f.h" });
  await runtime.invoke({});
  assert.equal((JSON.parse((await runtime.lines(1))[0] ?? "") as { message: string }).message, "hello");
});
