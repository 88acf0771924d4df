import assert from "node:assert/strict";
import { test } from "node:test";

import { startRubyRuntime, withoutRuby } from "./ruby-runtime.ts";

const skip = withoutRuby;
const headers = { "Content-Type": "application/json" };

const source = `LOGGER = Logger.new($stdout)
LOGGER.info('init')
def lambda_handler(event:, context:)
  puts "one\\ntwo", [3, [nil]]
  puts
  print "raw\\n"
  $stdout.puts "plain", "lines"
  LOGGER.debug('d')
  LOGGER.warn("two\\nlines")
  Logger.new(STDOUT, progname: 'mine').error(RangeError.new('e'))
  Logger.new($stdout, formatter: ->(severity, _time, _name, message) { "#{severity}: #{message}\\n" }).info('own')
  Logger.new($stdout, level: Logger::ERROR).warn('too low')
  Logger.new('file.log').info('elsewhere')
  begin
    raise RangeError, "bad \\xff".b
  rescue => e
    LOGGER.fatal(e)
  end
end`;

test("text: what is written at once is one event", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, { files: { "lambda_function.rb": source } });
  await runtime.invoke({}, { id: "id-1", headers });
  const lines = await runtime.lines(11);
  const time = /, \[\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6} #\d+\]/;
  assert.deepEqual(
    lines.map((line) => line.replace(time, "")),
    [
      "I  INFO  -- : init",
      "one\rtwo\r3",
      "",
      "raw",
      "plain",
      "lines",
      "D DEBUG id-1 -- : d",
      "W  WARN id-1 -- : two\rlines",
      "E ERROR id-1 -- mine: e (RangeError)",
      "INFO: own",
      lines[10]?.replace(time, ""),
    ],
  );
  assert.match(lines[10] ?? "", /^F, \[.*\] FATAL id-1 -- : bad \uFFFD \(RangeError\)\r.*lambda_function\.rb:\d+:in /);
});

test("JSON: one object an event of a Logger; puts stays as it is", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: { "lambda_function.rb": source },
    env: { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "DEBUG" },
  });
  await runtime.invoke({}, { id: "id-2", headers });
  const lines = await runtime.lines(11);
  assert.equal(lines[1], "one\rtwo\r3");
  const events = [0, 6, 7, 8, 10].map((at) => JSON.parse(lines[at] ?? "") as Record<string, unknown>);
  for (const event of events) assert.match(String(event["timestamp"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  const plain = events.map(({ timestamp: _timestamp, ...rest }) => rest);
  assert.deepEqual(plain.slice(0, 4), [
    { level: "INFO", message: "init" },
    { level: "DEBUG", message: "d", requestId: "id-2" },
    { level: "WARN", message: "two\nlines", requestId: "id-2" },
    {
      level: "ERROR",
      message: "e",
      requestId: "id-2",
      logger: "mine",
      errorType: "RangeError",
      errorMessage: "e",
      stackTrace: [],
    },
  ]);
  const { stackTrace, location, ...fatal } = plain[4] ?? {};
  assert.deepEqual(fatal, {
    level: "FATAL",
    message: "bad \uFFFD",
    requestId: "id-2",
    errorType: "RangeError",
    errorMessage: "bad \uFFFD",
  });
  assert.match(String((stackTrace as string[])[0]), /lambda_function\.rb:\d+:in /);
  assert.match(String(location), /lambda_function\.rb:.*lambda_handler:\d+$/);
});

test("the application log level is a Logger's default", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: {
      "lambda_function.rb": `def lambda_handler(event:, context:)
        Logger.new($stderr).tap { |log| log.info('dropped'); log.error('kept') }
        Logger.new($stdout, level: 'debug').debug('asked for')
      end`,
    },
    env: { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: "WARN" },
  });
  await runtime.invoke({}, { headers });
  const messages = (await runtime.lines(2)).map((line) => (JSON.parse(line) as { message: string }).message);
  assert.deepEqual(messages, ["kept", "asked for"]);
});
