/** The same functions on Kiln's Python runtime and on AWS's own client: answers and log lines are the same. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

import { buildRuntimes } from "../../src/artifacts/runtimes/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { packagesVersion, withoutPackages } from "../../tools/python-packages.ts";
import { deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { clientFiles } from "./python-files.ts";

const Runtime = `python${packagesVersion}` as const;
const skip = process.getuid?.() === 0 ? ((await withoutPackages()) ?? false) : "building images needs root";

before(async () => {
  if (skip === false) await buildRuntimes({ dir: loadConfig({}, process.env).runtimesDir, ids: [Runtime] });
});

/** One line each: what the handler does with the event that has its number. */
const cases = [
  "return None",
  "return 'text ü \\u2028 \\U0001f600 \\x00'",
  "return [1, 1.0, 1e100, -0.0, 10**30, True, None]",
  "return [float('nan'), float('inf'), -float('inf')]",
  "return {'a': {'b': (1, 2)}, 1: 2, None: 3, True: 4, 1.5: 5}",
  "return Point(1, [Point(2, {'p': Point(3, 4)})])",
  "return [D('1.10'), D('-0'), D('1E+30'), D('NaN'), {'d': D('0.1')}]",
  "return {'b': b'bytes', b'k': 1}",
  "return b'{\"raw\": true}'",
  "return Row()",
  "return [Size.LARGE, collections.OrderedDict(a=1), collections.Counter('aab'), Text('t')]",
  "return {1, 2}",
  "return object",
  "return {(1, 2): 3}",
  "return {D(1): 2}",
  "import datetime; return {datetime.date(2026, 1, 1): 2}",
  "return b'\\xff' and {'b': b'\\xff'}",
  "a = []; a.append(a); return a",
  "return bytearray(b'x')",
  "return (x for x in 'ab')",
  "raise ValueError('ü\\nsecond line')",
  "raise KeyError('k')",
  "raise Own()",
  "raise Own('a', 'b')",
  "1 / 0",
  "deep(3)",
  "raise ValueError('outer') from KeyError('inner')",
  "raise ExceptionGroup('group', [ValueError('one'), KeyError('two')])",
  "eval('1 +')",
  "import not_there",
  "return event['absent']",
  "logging.warning('w %s', 'x'); log.error('multi\\nline'); log.info('hidden'); return 1",
  "log.warning('x', extra={'a': {'b': 1}, 'c': {1}}); log.log(35, 'between'); return 1",
  "log.warning({'a': ['dict']}); log.warning({'a': 1}, stack_info=False); return 1",
  "print('printed', 'ü'); print('two\\nlines'); context.log('by context\\n'); return 1",
  "return [context.function_name, context.memory_limit_in_mb, context.function_version, context.identity.cognito_identity_id]",
  "return [context.client_context.custom, context.client_context.env, context.client_context.client.app_title, context.w3c()]",
  "return repr(context)",
];

const source = `
import collections, decimal, enum, logging
D = decimal.Decimal
Point = collections.namedtuple("Point", "x y")
log = logging.getLogger("mine")
class Row:
    def _asdict(self):
        return {"row": Point(1, 2)}
class Size(enum.IntEnum):
    LARGE = 3
class Text(str):
    pass
class Own(Exception):
    pass
def deep(n):
    if n == 0:
        raise RuntimeError("deep")
    deep(n - 1)
${cases.map((body, index) => `def case${index}(event, context):\n    ${body}\n`).join("")}
def lambda_handler(event, context):
    return globals()["case%d" % event["case"]](event, context)
`;

test("answers and logs are those of AWS's own client", { skip }, async (t) => {
  const kiln = await startTestKiln(t);
  const client = kiln.client();
  const files = await clientFiles();
  for (const LogFormat of ["Text", "JSON"] as const) {
    const settings = { Runtime, Handler: "lambda_function.lambda_handler", LoggingConfig: { LogFormat } };
    await deploy(client, `ours${LogFormat}`, { "lambda_function.py": source }, settings);
    await deploy(
      client,
      `awss${LogFormat}`,
      { ...files, "lambda_function.py": source },
      {
        ...settings,
        Environment: { Variables: { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap" } },
      },
    );
    for (const [index, body] of cases.entries()) {
      const ours = await answer(client, `ours${LogFormat}`, index);
      const awss = await answer(client, `awss${LogFormat}`, index);
      assert.deepEqual(ours, awss, body);
    }
  }
});

test("what cannot be loaded is told as AWS's own client tells it", { skip }, async (t) => {
  const kiln = await startTestKiln(t);
  const client = kiln.client();
  const files = {
    ...(await clientFiles()),
    "top.py": "def fail():\n    return {}['absent']\nfail()\n",
    "syntax.py": "x = 1\ndef h(:\n",
    "importing.py": "import json\nfrom json import absent\n",
    "empty.py": "",
    "package/module.py": "import package.not_there\n",
  };
  const handlers = ["nodot", "top.h", "syntax.h", "importing.h", "empty.h", "package/module.h"];
  for (const [index, Handler] of handlers.entries()) {
    const answers: unknown[] = [];
    for (const [name, Variables] of [
      ["ours", {}],
      ["awss", { AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrap" }],
    ] as const) {
      await deploy(client, `${name}Text${index}`, files, { Runtime, Handler, Environment: { Variables } });
      const { log, ...rest } = await answer(client, `${name}Text${index}`, 0);
      // AWS's warning about updates of its runtimes comes before.
      answers.push({ ...rest, log: log.filter((line) => !line.includes("LAMBDA_WARNING") && line !== "") });
    }
    assert.deepEqual(answers[0], answers[1], Handler);
  }
});

interface Answer {
  payload: string;
  error: string | undefined;
  log: string[];
}

/** What comes back, without what differs from call to call: ids, times, the name of the function. */
async function answer(client: LambdaClient, name: string, index: number): Promise<Answer> {
  const context = { custom: { k: "ü" }, client: { app_title: "T" }, w3c: { traceparent: "00-1" } };
  const { Payload, FunctionError, LogResult } = await client.send(
    new InvokeCommand({
      FunctionName: name,
      Payload: JSON.stringify({ case: index }),
      LogType: "Tail",
      ClientContext: Buffer.from(JSON.stringify(context)).toString("base64"),
    }),
  );
  const own = Buffer.from(LogResult ?? "", "base64")
    .toString()
    .split("\n")
    .filter((line) => !/^(?:START|END|REPORT|INIT_\w+) |"type":"platform\./.test(line));
  return { payload: neutral(Payload?.transformToString() ?? ""), error: FunctionError, log: own.map(neutral) };
}

function neutral(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z/g, "TIME")
    .replaceAll(/\[\$LATEST\][0-9a-f]{32}/g, "STREAM")
    .replaceAll(/ at 0x[0-9a-f]+/g, "")
    .replaceAll(/(?:ours|awss)(?=Text|JSON)/g, "NAME");
}
