import assert from "node:assert/strict";
import { test } from "node:test";

import { startRubyRuntime, withoutRuby } from "./ruby-runtime.ts";

const skip = withoutRuby;
const headers = { "Content-Type": "application/json" };

interface RubyError {
  errorMessage: string;
  errorType: string;
  stackTrace: string[];
}

test("an error of the handler is the answer of its call, and the runtime goes on", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: {
      "lambda_function.rb": `class Refused < StandardError; end
        def lambda_handler(event:, context:)
          raise ArgumentError, 'two\nlines' if event == 'argument'
          raise Refused, "bad \\xff".b if event == 'own'
          return "\\xff" if event == 'bytes'
          'fine'
        end`,
    },
  });
  const argument = await runtime.invoke("argument", { headers });
  assert.equal(argument.kind, "error");
  assert.equal(argument.raw.headers["lambda-runtime-function-error-type"], "Function<ArgumentError>");
  const { stackTrace, ...error } = argument.value as RubyError;
  assert.deepEqual(error, { errorMessage: "two\nlines", errorType: "Function<ArgumentError>" });
  // The function's frames only.
  assert.equal(stackTrace.length, 1);
  assert.match(stackTrace[0] ?? "", new RegExp(`^${runtime.root}/lambda_function.rb:3:in .*lambda_handler'$`));

  const own = await runtime.invoke("own", { headers });
  // A name of the function's own stays out of the header.
  assert.equal(own.raw.headers["lambda-runtime-function-error-type"], "Function<UserException>");
  assert.equal((own.value as RubyError).errorType, "Function<Refused>");
  assert.equal((own.value as RubyError).errorMessage, "bad \uFFFD");
  assert.match(
    ((await runtime.invoke("bytes", { headers })).value as RubyError).errorType,
    /^Function<(JSON|Encoding)::/,
  );
  assert.equal((await runtime.invoke("", { headers })).value, "fine");

  const lines = await runtime.lines(6);
  assert.equal(lines[0], "Error raised from handler method");
  const logged = JSON.parse((lines[1] ?? "").replaceAll("\r", "\n")) as unknown;
  assert.deepEqual(logged, argument.value);
});

for (const [what, body, type] of [
  ["a missing method", "nil.nothing", "NoMethodError"],
  ["an exit", "exit", "SystemExit"],
  ["an exception that is no StandardError", "raise Exception, 'e'", "Exception"],
  ["recursion without end", "lambda_handler(event: event, context: context)", "SystemStackError"],
] as const) {
  test(`${what} is reported and ends the runtime`, { skip }, async (t) => {
    const runtime = await startRubyRuntime(t, {
      files: { "lambda_function.rb": `def lambda_handler(event:, context:)\n${body}\nend` },
    });
    const { kind, value, raw } = await runtime.invoke({}, { headers });
    assert.equal(kind, "error");
    assert.equal((value as RubyError).errorType, `Function<${type}>`);
    assert.equal(raw.headers["lambda-runtime-function-error-type"], `Function<${type}>`);
    assert.equal(await runtime.exited, 255);
    assert.equal((await runtime.lines(2))[0], "Critical exception from handler");
  });
}

for (const [what, files, handler, type, message] of [
  ["no such file", {}, "nowhere.handler", "LoadError", /^cannot load such file -- nowhere$/],
  ["an error in the file", { "f.rb": "raise 'while loading'" }, "f.handler", "RuntimeError", /^while loading$/],
  ["a syntax error", { "f.rb": "def (" }, "f.handler", "SyntaxError", /f\.rb/],
  ["an exit in the file", { "f.rb": "exit" }, "f.handler", "SystemExit", /^exit$/],
  ["a name of one part", {}, "handler", "ArgumentError", /^Invalid handler \["handler"\], must be of form/],
] as const) {
  test(`init error: ${what}`, { skip }, async (t) => {
    const runtime = await startRubyRuntime(t, { files, handler });
    const error = await runtime.initError();
    assert.equal(error.errorType, `Init<${type}>`);
    assert.match(error.errorMessage, message);
    assert.ok(Array.isArray(error.stackTrace));
    assert.equal(await runtime.exited, 252);
    assert.equal((await runtime.lines(2))[0], `Init error when loading handler ${handler}`);
  });
}

test("a class that is missing is found out by the first call", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, { files: { "f.rb": "" }, handler: "f.Nothing.handler" });
  const { value } = await runtime.invoke({}, { headers });
  assert.equal((value as RubyError).errorType, "Function<NameError>");
  assert.equal(await runtime.exited, 255);
});

test("a signal ends a waiting runtime", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: { "lambda_function.rb": "def lambda_handler(event:, context:) = 1\nat_exit { puts 'at exit' }" },
  });
  await runtime.invoke({}, { headers });
  runtime.kill("SIGTERM");
  await runtime.exited;
  assert.deepEqual(await runtime.lines(1), ["at exit"]);
});
