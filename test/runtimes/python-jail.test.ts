/** Python functions in real jails: pre-booted and started with their function, with layers, with AWS's own client. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { before, test, type TestContext } from "node:test";
import { FilterLogEventsCommand, CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { PublishLayerVersionCommand } from "@aws-sdk/client-lambda";

import { buildRuntimes } from "../../src/artifacts/runtimes/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { packagesVersion, withoutPackages } from "../../tools/python-packages.ts";
import { call, deploy } from "../support/functions.ts";
import { kilnProgram, root, run, startTestKiln, type TestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";
import { clientFiles, pythonFiles } from "./python-files.ts";

const runtimes = ["python3.11", "python3.13"] as const;
const Handler = "lambda_function.lambda_handler";
const skip = process.getuid?.() === 0 ? false : "building images needs root";

before(async () => {
  if (skip === false) await buildRuntimes({ dir: loadConfig({}, process.env).runtimesDir, ids: runtimes });
});

const source = `
import json, logging, os, sys, time
import layered, plain, botocore
from awslambdaric.lambda_context import LambdaContext

calls = 0
def lambda_handler(event, context):
    global calls
    calls += 1
    if event == "exit":
        sys.exit(3)
    if event == "wrong":
        raise KeyError("ü")
    print("printed ü")
    logging.warning("two\\nlines")
    return {
        "from": [layered.WHERE, plain.WHERE], "calls": calls, "version": "%d.%d" % sys.version_info[:2],
        "mine": os.environ.get("MINE"), "variables": sorted(n for n in os.environ if n.startswith(("KILN", "LC_", "PYTHON"))),
        "hour": time.localtime(0).tm_hour, "cwd": os.getcwd(), "user": os.getuid(), "typed": isinstance(context, LambdaContext),
        "encoding": sys.stdout.encoding, "path": sys.path[:5], "boto": int(botocore.__version__.split(".")[1]) >= 31,
        "own": sorted(n for n in sys.modules if n in ("context", "client", "log", "errors", "handler", "loop")),
    }
`;

test("functions of both versions, from the start and from the pool, with layers", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  for (const Runtime of runtimes) {
    const version = Runtime.slice("python".length);
    const layer = await client.send(
      new PublishLayerVersionCommand({
        LayerName: "modules",
        Content: {
          ZipFile: await zipOf({
            [`python/lib/python${version}/site-packages/layered.py`]: "WHERE = 'site-packages of a layer'",
            "python/plain.py": "WHERE = 'python of a layer'",
          }),
        },
      }),
    );
    const settings = { Runtime, Handler, Layers: [layer.LayerVersionArn ?? ""] };
    // The first start of a runtime has no pool yet and begins with its function, as does one with a time zone.
    for (const [name, Variables, hour] of [
      ["first", { MINE: "ä" }, 0],
      ["pooled", { MINE: "ö" }, 0],
      ["zoned", { MINE: "ü", TZ: "Asia/Tokyo" }, 9],
    ] as const) {
      const function_ = `${name}-${version.replace(".", "")}`;
      await deploy(client, function_, { "lambda_function.py": source }, { ...settings, Environment: { Variables } });
      const { payload, log } = await call(client, function_);
      assert.deepEqual(payload, {
        from: ["site-packages of a layer", "python of a layer"],
        calls: 1,
        version,
        mine: Variables.MINE,
        variables: ["PYTHONPATH"],
        hour,
        cwd: "/var/task",
        user: 993,
        typed: true,
        encoding: "utf-8",
        path: [
          "/var/task",
          `/opt/python/lib/python${version}/site-packages`,
          "/opt/python",
          `/var/lang/lib/python${version}/site-packages`,
          "/var/runtime",
        ],
        boto: true,
        own: [],
      });
      assert.match(log, /printed ü\n\[WARNING\]\t\S+Z\t[0-9a-f-]{36}\ttwo\nlines\n/);
    }
    const name = `pooled-${version.replace(".", "")}`;
    assert.deepEqual(((await call(client, name)).payload as { calls: number }).calls, 2);
    const wrong = await call(client, name, "wrong");
    assert.equal(wrong.error, "Unhandled");
    assert.deepEqual((wrong.payload as Record<string, unknown>)["stackTrace"], [
      `  File "/var/task/lambda_function.py", line 13, in lambda_handler\n    raise KeyError("ü")\n`,
    ]);
    const exit = (await call(client, name, "exit")).payload as Record<string, string>;
    assert.equal(exit["errorType"], "Runtime.ExitError");
    assert.match(exit["errorMessage"] ?? "", /^RequestId: \S+ Error: Runtime exited with error: exit status 3$/);
    assert.deepEqual(((await call(client, name)).payload as { calls: number }).calls, 1);
  }
});

test("kiln deploy of the sample; an answer that is too large", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const cli = (...words: string[]) => run(kilnProgram, [...words, "--state", kiln.state]);
  const deployed = await cli("deploy", join(root, "samples/hello-python"));
  assert.equal(deployed.status, 0, deployed.stderr);
  const { stdout, stderr } = await cli("invoke", "hello-python", "--payload", '{"name":"Ada"}', "--log-tail");
  const { message, memoryMB } = JSON.parse(stdout) as { message: string; memoryMB: number };
  assert.deepEqual([message, memoryMB], ["Hello, Ada!", 128]);
  assert.match(stderr, /^greeting Ada$/m);

  const body = "def lambda_handler(event, context):\n    return 'x' * event\n";
  await deploy(
    kiln.client(),
    "large",
    { "lambda_function.py": body },
    { Runtime: "python3.13", Handler, MemorySize: 256 },
  );
  const { payload, error } = await call(kiln.client(), "large", 7_000_000);
  assert.equal(error, "Unhandled");
  assert.equal((payload as Record<string, string>)["errorType"], "Function.ResponseSizeTooLarge");
  assert.equal((await call(kiln.client(), "large", 3)).payload, "xxx");
});

test("a record of several lines is one event", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const body = `
import logging
def lambda_handler(event, context):
    logging.error("one\\ntwo")
    raise ValueError("three\\nfour")
`;
  await deploy(client, "lines", { "lambda_function.py": body }, { Runtime: "python3.13", Handler });
  await call(client, "lines");
  const messages = await events(context, kiln, "/aws/lambda/lines");
  assert.equal(messages.filter((message) => /^\[ERROR\]\t.*\tone\ntwo\n?$/.test(message)).length, 1);
  assert.equal(
    messages.filter((message) =>
      /^\[ERROR\] ValueError: three\nfour\nTraceback \(most recent call last\):\n\u00a0\u00a0File .*, in lambda_handler\n\u00a0{4}raise/.test(
        message,
      ),
    ).length,
    1,
  );
});

test("a wrapper, variables of Python's start, and what cannot be loaded", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const Runtime = "python3.13";
  const files = {
    "lambda_function.py":
      "import os, sys\ndef lambda_handler(event, context):\n    return [sys.flags.optimize, sys.path[0], '/opt/python' in sys.path, os.environ.get('WRAPPED')]\n",
    wrap: { content: '#!/bin/sh\nWRAPPED=$PWD exec "$@"\n', mode: 0o100755 },
  };
  await deploy(client, "wrapped", files, {
    Runtime,
    Handler,
    Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap", PYTHONOPTIMIZE: "2" } },
  });
  assert.deepEqual((await call(client, "wrapped")).payload, [2, "/var/task", true, "/var/task"]);
  await deploy(client, "broken", { "lambda_function.py": "import missing" }, { Runtime, Handler });
  const { payload, error } = await call(client, "broken");
  assert.equal(error, "Unhandled");
  assert.deepEqual(payload, {
    errorMessage: "Unable to import module 'lambda_function': No module named 'missing'",
    errorType: "Runtime.ImportModuleError",
    requestId: "",
    stackTrace: [],
  });
});

test("AWS's own runtime client on Kiln's Runtime API", { skip }, async (context) => {
  const reason = await withoutPackages();
  if (reason !== undefined) return context.skip(reason);
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const body = `
import logging, sys
def lambda_handler(event, context):
    if event == "wrong":
        raise ValueError("wröng")
    if event == "exit":
        sys.exit(4)
    logging.warning("with AWS's client")
    return {"event": event, "client": type(context).__module__, "custom": context.client_context and context.client_context.custom,
        "left": context.get_remaining_time_in_millis() > 0, "large": "x" * 1000000 if event == "large" else None,
        "file": sys.modules[type(context).__module__].__file__}
`;
  await deploy(
    client,
    "official",
    { ...(await clientFiles()), "lambda_function.py": body },
    {
      Runtime: `python${packagesVersion}`,
      Handler,
      Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap" } },
    },
  );
  const first = await call(
    client,
    "official",
    { a: "ü" },
    { ClientContext: Buffer.from(JSON.stringify({ custom: { k: "v" } })).toString("base64") },
  );
  assert.deepEqual(first.payload, {
    event: { a: "ü" },
    client: "awslambdaric.lambda_context",
    custom: { k: "v" },
    left: true,
    large: null,
    file: "/var/task/awslambdaric/lambda_context.py",
  });
  assert.match(first.log, /\[WARNING\]\t\S+Z\t[0-9a-f-]{36}\twith AWS's client\n/);
  assert.equal(((await call(client, "official", "large")).payload as { large: string }).large.length, 1_000_000);
  const wrong = await call(client, "official", "wrong");
  assert.equal(wrong.error, "Unhandled");
  const { errorType, errorMessage, stackTrace } = wrong.payload as Record<string, unknown>;
  assert.deepEqual([errorType, errorMessage], ["ValueError", "wröng"]);
  assert.deepEqual(stackTrace, [
    `  File "/var/task/lambda_function.py", line 5, in lambda_handler\n    raise ValueError("wröng")\n`,
  ]);
  const exit = (await call(client, "official", "exit")).payload as Record<string, string>;
  assert.match(exit["errorMessage"] ?? "", /exit status 4$/);
  assert.equal((await call(client, "official")).error, undefined);
  return undefined;
});

test("Powertools for Python: logger, metrics, router", { skip }, async (context) => {
  const reason = await withoutPackages();
  if (reason !== undefined) return context.skip(reason);
  const packages = await pythonFiles(["aws_lambda_powertools", "jmespath", "typing_extensions"]);
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const body = `
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver
from aws_lambda_powertools.metrics import MetricUnit

logger = Logger(service="orders")
metrics = Metrics(namespace="Shop", service="orders")
app = LambdaFunctionUrlResolver()

@app.get("/orders/<number>")
def order(number: str):
    metrics.add_metric(name="Looked", unit=MetricUnit.Count, value=1)
    logger.info("looking", extra={"order": number})
    return {"order": number}

@logger.inject_lambda_context
@metrics.log_metrics(capture_cold_start_metric=True)
def lambda_handler(event, context):
    return app.resolve(event, context)
`;
  await deploy(
    client,
    "tools",
    { ...packages, "lambda_function.py": body },
    {
      Runtime: `python${packagesVersion}`,
      Handler,
      MemorySize: 256,
      Timeout: 20,
    },
  );
  const event = {
    version: "2.0",
    rawPath: "/orders/7",
    headers: {},
    requestContext: { http: { method: "GET", path: "/orders/7" }, stage: "$default" },
  };
  const { payload, log, error } = await call(client, "tools", event);
  assert.equal(error, undefined, log);
  const { statusCode, body: answered } = payload as { statusCode: number; body: string };
  assert.deepEqual([statusCode, JSON.parse(answered)], [200, { order: "7" }]);
  const lines = log
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const logged = lines.find((line) => line["message"] === "looking");
  assert.deepEqual(
    [logged?.["service"], logged?.["order"], logged?.["cold_start"], logged?.["function_name"]],
    ["orders", "7", true, "tools"],
  );
  assert.match(String(logged?.["function_request_id"]), /^[0-9a-f-]{36}$/);
  assert.ok(lines.some((line) => "_aws" in line && JSON.stringify(line["Looked"]) === "[1]"));
  assert.ok(lines.some((line) => "_aws" in line && JSON.stringify(line["ColdStart"]) === "[1]"));
  return undefined;
});

async function events(context: TestContext, kiln: TestKiln, group: string): Promise<string[]> {
  const { url, region, accessKeyId, secretAccessKey } = kiln.endpoint();
  const logs = new CloudWatchLogsClient({ endpoint: url, region, credentials: { accessKeyId, secretAccessKey } });
  context.after(() => logs.destroy());
  const found = await logs.send(new FilterLogEventsCommand({ logGroupName: group }));
  return (found.events ?? []).map(({ message }) => message ?? "");
}
