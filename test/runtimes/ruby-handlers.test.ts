import assert from "node:assert/strict";
import { test } from "node:test";

import { startRubyRuntime, withoutRuby } from "./ruby-runtime.ts";

const skip = withoutRuby;

test("event and context arrive as keywords, and results go back as JSON", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: {
      "lambda_function.rb": `def lambda_handler(event:, context:)
        names = %i[aws_request_id client_context deadline_ms function_name function_version identity invoked_function_arn
                   log_group_name log_stream_name memory_limit_in_mb tenant_id]
        { event: event, context: names.to_h { |name| [name, context.public_send(name)] },
          left: context.get_remaining_time_in_millis, trace: ENV['_X_AMZN_TRACE_ID'], class: context.class }
      end`,
    },
  });
  const headers = {
    // Header bytes beyond ASCII are UTF-8; a header value in Node.js is Latin-1.
    "Lambda-Runtime-Client-Context": Buffer.from('{"custom":{"a":"ü"}}').toString("latin1"),
    "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"id"}',
    "Lambda-Runtime-Aws-Tenant-Id": "tenant",
    "Lambda-Runtime-Trace-Id": "Root=1-2",
    "Content-Type": "application/json",
  };
  const { kind, value, raw } = await runtime.invoke({ a: ["ü", 1.5, null] }, { id: "id-1", headers });
  assert.equal(kind, "response");
  assert.equal(raw.headers["content-type"], "application/json");
  const { left, context, ...rest } = value as { left: number; context: Record<string, unknown> };
  assert.deepEqual(rest, { event: { a: ["ü", 1.5, null] }, trace: "Root=1-2", class: "LambdaContext" });
  assert.ok(left > 0 && left <= 3000);
  assert.ok(Number(context["deadline_ms"]) > 1e12);
  assert.deepEqual(
    { ...context, deadline_ms: 0 },
    {
      aws_request_id: "id-1",
      client_context: { custom: { a: "ü" } },
      deadline_ms: 0,
      function_name: "f",
      function_version: "$LATEST",
      identity: { cognitoIdentityId: "id" },
      invoked_function_arn: "arn:aws:lambda:us-east-1:123456789012:function:f",
      log_group_name: "/aws/lambda/f",
      log_stream_name: "2026/01/01/[$LATEST]0",
      memory_limit_in_mb: "128",
      tenant_id: "tenant",
    },
  );
  assert.deepEqual(
    ((await runtime.invoke({})).value as { context: Record<string, unknown> }).context["client_context"],
    null,
  );
  assert.equal(runtime.connections(), 1);
});

const json = { "Content-Type": "application/json" };

for (const [handler, expected] of [
  ["deep/er/app.Things::Maker.make", "made 1"],
  ["deep/er/app.Things.make", "things 1"],
  ["deep/er/app.plain", 2],
] as const) {
  test(`handler ${handler}`, { skip }, async (t) => {
    const runtime = await startRubyRuntime(t, {
      files: {
        "deep/er/app.rb": `require 'other'
          module Things
            class Maker
              def self.make(event:, context:) = "made #{event['n']}"
            end
            def self.make(event:, context:) = "things #{event['n']}"
          end
          def plain(event:, context:)
            @calls = (@calls || 0) + 1
          end`,
        "other.rb": "",
      },
      handler,
    });
    await runtime.invoke({ n: 0 }, { headers: json });
    assert.equal((await runtime.invoke({ n: 1 }, { headers: json })).value, expected);
  });
}

test("large events in pieces, nothing at all, and bytes as they are", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: {
      "lambda_function.rb": `def lambda_handler(event:, context:)
        case event
        when 'nil' then nil
        when 'io' then StringIO.new("\\x00\\xff".b)
        else event.length
        end
      end`,
    },
  });
  assert.equal((await runtime.invoke("x".repeat(5_000_000), { headers: json })).value, 5_000_000);
  assert.equal((await runtime.invoke("in pieces", { headers: json, chunked: true })).value, 9);
  assert.equal((await runtime.invoke("nil", { headers: json })).raw.body, "null");
  const { raw } = await runtime.invoke("io", { headers: json });
  assert.equal(raw.headers["content-type"], "application/unknown");
  assert.equal(raw.headers["content-length"], "2");
});

test("a function may take over how events and results are read and written", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, {
    files: {
      "lambda_function.rb": `class AwsLambda::Marshaller
          def self.marshall_request(request) = [request['content-type'], request.body]
          def self.marshall_response(response) = ["<#{response.join}>", 'text/xml']
        end
        def lambda_handler(event:, context:) = event`,
    },
  });
  const { raw } = await runtime.invoke({}, { headers: json });
  assert.deepEqual([raw.body, raw.headers["content-type"]], ["<application/json{}>", "text/xml"]);
});

test("a pre-booted runtime gets its function and exactly its environment", { skip }, async (t) => {
  const runtime = await startRubyRuntime(t, { files: {}, preboot: true });
  // Code and gems appear after the process has started.
  const { mkdir, writeFile } = await import("node:fs/promises");
  const gem = `${runtime.root}/vendor/bundle/ruby/3.3.0`;
  await mkdir(`${gem}/gems/layered-1.0.0/lib`, { recursive: true });
  await mkdir(`${gem}/specifications`);
  await writeFile(`${gem}/gems/layered-1.0.0/lib/layered.rb`, "LAYERED = 'from a gem'");
  await writeFile(
    `${gem}/specifications/layered-1.0.0.gemspec`,
    "Gem::Specification.new { |s| s.name = 'layered'; s.version = '1.0.0'; s.summary = 's'; s.authors = ['a'] }",
  );
  await writeFile(
    `${runtime.root}/lambda_function.rb`,
    `require 'layered'
     def lambda_handler(event:, context:) = { env: ENV.to_h, cwd: Dir.pwd, gem: LAYERED, encoding: ENV['MINE'].encoding }`,
  );
  runtime.assign({ MINE: "ü=1", GEM_PATH: gem });
  const { env, ...rest } = (await runtime.invoke({}, { headers: json })).value as { env: Record<string, string> };
  assert.deepEqual(rest, { cwd: runtime.root, gem: "from a gem", encoding: "UTF-8" });
  assert.deepEqual(
    ["MINE", "_HANDLER", "LEFTOVER", "KILN_PREBOOT"].map((name) => env[name]),
    ["ü=1", "lambda_function.lambda_handler", undefined, undefined],
  );
  assert.equal(runtime.connections(), 1);
});
