import assert from "node:assert/strict";
import { test } from "node:test";

import { startNodeRuntime } from "./node-runtime.ts";

const source = `console.log('init');
exports.handler = async (event) => {
  console.log('a %s', 'b', { c: 1 }); console.info('one\\ntwo'); console.debug('d'); console.trace('t');
  console.warn('w'); console.error(new RangeError('e')); console.log({ at: 1n });
  process.stdout.write('raw\\n');
};`;

test("text: time, request id, level, message; one line an event", async (t) => {
  const runtime = await startNodeRuntime(t, { files: { "index.js": source } });
  await runtime.invoke({}, { id: "id-1" });
  const lines = await runtime.lines(9);
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t/;
  assert.ok(lines.slice(0, -1).every((line) => time.test(line)));
  const rest = lines.map((line) => line.replace(time, ""));
  assert.deepEqual(rest.slice(0, 6), [
    "-\tINFO\tinit",
    "id-1\tINFO\ta b { c: 1 }",
    "id-1\tINFO\tone\rtwo",
    "id-1\tDEBUG\td",
    "id-1\tTRACE\tt",
    "id-1\tWARN\tw",
  ]);
  assert.match(rest[6] ?? "", /^id-1\tERROR\tRangeError: e\r {4}at /);
  assert.deepEqual(rest.slice(7), ["id-1\tINFO\t{ at: 1n }", "raw"]);
});

test("JSON: one object an event, objects and errors kept as such", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: {
      "index.js": `exports.handler = async () => {
        console.log('a %s', 'b'); console.info({ x: { y: 1 } }); console.warn('two\\nlines');
        console.error(new RangeError('e')); console.error('with', new RangeError('f')); console.log({ at: 1n });
        throw new TypeError('thrown');
      };`,
    },
    env: { AWS_LAMBDA_LOG_FORMAT: "JSON" },
  });
  await runtime.invoke({}, { id: "id-2" });
  const events = (await runtime.lines(7)).map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const event of events) {
    assert.match(String(event["timestamp"]), /Z$/);
    assert.equal(event["requestId"], "id-2");
  }
  assert.deepEqual(
    events.slice(0, 3).map(({ level, message }) => [level, message]),
    [
      ["INFO", "a b"],
      ["INFO", { x: { y: 1 } }],
      ["WARN", "two\nlines"],
    ],
  );
  const error = events[3]?.["message"] as Record<string, unknown>;
  assert.deepEqual([error["errorType"], error["errorMessage"]], ["RangeError", "e"]);
  assert.ok(Array.isArray(error["stackTrace"]));
  assert.deepEqual([events[4]?.["errorType"], events[4]?.["errorMessage"]], ["RangeError", "f"]);
  assert.equal(events[5]?.["message"], "{ at: 1n }");
  const thrown = events[6]?.["message"] as Record<string, unknown>;
  assert.equal(thrown["errorType"], "TypeError");
});

test("JSON: the tenant; and an error that is not the first thing said", async (t) => {
  const source = `console.log('init');
    exports.handler = async () => { console.info('x'); console.warn(new RangeError('first'), 'then'); };`;
  const seen = async (runtime: string): Promise<unknown[]> => {
    const started = await startNodeRuntime(t, {
      runtime,
      files: { "index.js": source },
      env: { AWS_LAMBDA_LOG_FORMAT: "JSON" },
    });
    await started.invoke({}, { id: "id-3", headers: { "lambda-runtime-aws-tenant-id": "blue" } });
    return (await started.lines(3)).map((line) => {
      const { requestId, tenantId, errorType } = JSON.parse(line) as Record<string, unknown>;
      return [requestId, tenantId, errorType];
    });
  };
  assert.deepEqual(await seen("nodejs24.x"), [
    ["-", undefined, undefined],
    ["id-3", "blue", undefined],
    ["id-3", "blue", undefined],
  ]);
  assert.deepEqual(await seen("nodejs22.x"), [
    [undefined, undefined, undefined],
    ["id-3", "blue", undefined],
    ["id-3", "blue", "RangeError"],
  ]);
});

test("the application log level drops what is below it", async (t) => {
  const runtime = await startNodeRuntime(t, { files: { "index.js": source }, env: { AWS_LAMBDA_LOG_LEVEL: "WARN" } });
  await runtime.invoke({});
  assert.deepEqual(
    (await runtime.lines(3)).map((line) => line.split("\t")[2]),
    ["WARN", "ERROR", undefined],
  );
});

test("a long burst is whole and out before the answer", async (t) => {
  const runtime = await startNodeRuntime(t, {
    files: {
      "index.js": "exports.handler = async () => { for (let i = 0; i < 2000; i++) console.log(i, 'x'.repeat(500)); };",
    },
  });
  await runtime.invoke({});
  assert.ok((await runtime.lines(2000)).every((line, index) => line.includes(`INFO\t${String(index)} xxx`)));
});
