/** Ruby functions in real jails: pre-booted and started with their function, with gems of the zip and of a layer. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { PublishLayerVersionCommand } from "@aws-sdk/client-lambda";

import { buildRuntimes } from "../../src/artifacts/runtimes/index.ts";
import { loadConfig } from "../../src/config/index.ts";
import { call, deploy } from "../support/functions.ts";
import { startTestKiln } from "../support/kiln.ts";
import { zipOf } from "../support/zip.ts";

const settings = { Runtime: "ruby3.3", Handler: "lambda_function.lambda_handler" } as const;
const skip = process.getuid?.() === 0 ? false : "building images needs root";

before(async () => {
  if (skip === false) await buildRuntimes({ dir: loadConfig({}, process.env).runtimesDir, ids: ["ruby3.3"] });
});

/** Files of an installed gem whose constant tells where it came from. */
function gem(name: string, from: string): Record<string, string> {
  return {
    [`gems/${name}-1.0.0/lib/${name}.rb`]: `${name.toUpperCase()} = '${from}'`,
    [`specifications/${name}-1.0.0.gemspec`]: `Gem::Specification.new do |s|
      s.name = '${name}'; s.version = '1.0.0'; s.summary = 's'; s.authors = ['a']
    end`,
  };
}

function below(folder: string, files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, content]) => [`${folder}/${path}`, content]));
}

const source = `require 'bigdecimal'
require 'bundled'
require 'layered'
require 'plain'
require 'rexml/document'

def lambda_handler(event:, context:)
  raise ArgumentError, 'ü wrong' if event == 'wrong'
  return nil.nothing if event == 'nothing'

  @calls = (@calls || 0) + 1
  puts "two\\nlines ü"
  Logger.new($stdout).info("called #{@calls}")
  { from: [BUNDLED, LAYERED, PLAIN], calls: @calls, zone: Time.at(0).hour, version: RUBY_VERSION[0, 3],
    encodings: [Encoding.default_external, ENV['MINE'].to_s.encoding], mine: ENV['MINE'], cwd: Dir.pwd,
    user: Process.uid, guess: DidYouMean::SpellChecker.new(dictionary: ['email']).correct('meail'),
    preboot: ENV['KILN_PREBOOT'], random: Random.rand, wrapped: ENV['WRAPPED'],
    path: $LOAD_PATH.take_while { |path| !path.start_with?('/usr') } }
end`;

test("a Ruby function with gems of its own and of a layer", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const layer = await client.send(
    new PublishLayerVersionCommand({
      LayerName: "gems",
      Content: {
        ZipFile: await zipOf({
          ...below("ruby/gems/3.3.0", gem("layered", "gem of a layer")),
          "ruby/lib/plain.rb": "PLAIN = 'a layer'",
        }),
      },
    }),
  );
  const wrapper = { content: '#!/bin/sh\nexport WRAPPED="$1"\nexec "$@"\n', mode: 0o100755 };
  const files = {
    "lambda_function.rb": source,
    wrapper,
    ...below("vendor/bundle/ruby/3.3.0", gem("bundled", "the zip")),
  };
  const Layers = [layer.LayerVersionArn ?? ""];
  // The first start of a runtime has no pool yet and begins with its function, as does one with variables that Ruby reads when it starts.
  const expected = {
    from: ["the zip", "gem of a layer", "a layer"],
    version: "3.3",
    encodings: ["UTF-8", "UTF-8"],
    cwd: "/var/task",
    user: 993,
    guess: ["email"],
    preboot: null,
    zone: 0,
    wrapped: null,
    path: ["/var/task", "/var/runtime/lib", "/opt/ruby/lib"],
  };
  const randoms = new Set<unknown>();
  for (const [name, variables, different] of [
    ["first", { MINE: "ä" }, {}],
    ["pooled", { MINE: "ö" }, {}],
    [
      "own",
      {
        MINE: "ü",
        TZ: "Asia/Tokyo",
        RUBYLIB: "/opt/other:/opt/ruby/lib",
        AWS_LAMBDA_EXEC_WRAPPER: "/var/task/wrapper",
      },
      {
        zone: 9,
        wrapped: "/var/lang/bin/ruby",
        path: ["/var/task", "/var/runtime/lib", "/opt/other", "/opt/ruby/lib"],
      },
    ],
  ] as const) {
    await deploy(client, name, files, { ...settings, Layers, Environment: { Variables: variables } });
    await call(client, name);
    const { payload, log, error } = await call(client, name);
    assert.equal(error, undefined, log);
    const { random, ...rest } = payload as Record<string, unknown>;
    // Of gems that have been loaded, the directories come first.
    rest["path"] = (rest["path"] as string[]).filter((path) => !path.includes("gems"));
    assert.deepEqual(rest, { ...expected, calls: 2, mine: variables.MINE, ...different });
    assert.match(log, /\ntwo\nlines ü\nI, \[.* INFO [-0-9a-f]{36} -- : called 2\nEND /);
    randoms.add(random);
  }
  assert.equal(randoms.size, 3, "jails that started alike draw different numbers");

  const wrong = await call(client, "pooled", "wrong");
  assert.equal(wrong.error, "Unhandled");
  const { stackTrace, ...error } = wrong.payload as { stackTrace: string[] };
  assert.deepEqual(error, { errorMessage: "ü wrong", errorType: "Function<ArgumentError>" });
  assert.match(stackTrace.join(), /^\/var\/task\/lambda_function\.rb:8:in `lambda_handler'$/);
  assert.equal(((await call(client, "pooled")).payload as { calls: number }).calls, 3, "the environment goes on");

  // After this one AWS's runtime ends, and the next call starts anew.
  const nothing = await call(client, "pooled", "nothing");
  assert.deepEqual(nothing.payload, {
    errorMessage: "undefined method `nothing' for nil",
    errorType: "Function<NoMethodError>",
    stackTrace: ["/var/task/lambda_function.rb:9:in `lambda_handler'"],
  });
  assert.equal(((await call(client, "pooled")).payload as { calls: number }).calls, 1);
});

test("a Ruby function that cannot be loaded", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  await deploy(client, "missing", { "lambda_function.rb": "require 'nowhere'" }, settings);
  const { payload, error, log } = await call(client, "missing");
  assert.equal(error, "Unhandled");
  const { errorMessage, errorType } = payload as Record<string, unknown>;
  assert.deepEqual([errorMessage, errorType], ["cannot load such file -- nowhere", "Init<LoadError>"]);
  assert.match(
    log,
    /Init error when loading handler lambda_function\.lambda_handler\n\{\n {2}"errorMessage": "cannot load/,
  );
});

test("a Ruby function finds what the image has of the AWS SDK", { skip }, async (context) => {
  const kiln = await startTestKiln(context);
  const client = kiln.client();
  const own = `require 'aws-sdk-s3'
def lambda_handler(event:, context:) = defined?(AWS_SDK_S3) ? AWS_SDK_S3 : 'the image'`;
  const source = `require 'aws-sdk-s3'
require 'aws-sdk-kms'
require 'aws-sdk-cloudformation'

def lambda_handler(event:, context:)
  s3 = Aws::S3::Client.new(stub_responses: { list_buckets: { buckets: [{ name: 'mine' }] } })
  { buckets: s3.list_buckets.buckets.map(&:name), region: Aws::KMS::Client.new.config.region,
    key: s3.config.credentials.credentials.access_key_id == 'stubbed-akid',
    endpoint: Aws::KMS::Client.new(endpoint: 'http://127.0.0.1:9').config.endpoint.to_s,
    all: [Aws::CloudFormation, Aws::STS].map { |api| api.const_defined?(:Client) } }
end`;
  await deploy(client, "sdk", { "lambda_function.rb": source }, { ...settings, MemorySize: 256, Timeout: 60 });
  const { payload, error, log } = await call(client, "sdk");
  assert.equal(error, undefined, `${log}${JSON.stringify(payload)}`);
  assert.deepEqual(payload, {
    buckets: ["mine"],
    region: "us-east-1",
    key: true,
    endpoint: "http://127.0.0.1:9",
    all: [true, true],
  });

  const bundled = gem("aws-sdk-s3", "the zip");
  const newer = {
    "gems/aws-sdk-s3-9.0.0/lib/aws-sdk-s3.rb": "AWS_SDK_S3 = 'the zip'",
    "specifications/aws-sdk-s3-9.0.0.gemspec": (bundled["specifications/aws-sdk-s3-1.0.0.gemspec"] ?? "").replace(
      "version = '1.0.0'",
      "version = '9.0.0'",
    ),
  };
  const files = { "lambda_function.rb": own, ...below("vendor/bundle/ruby/3.3.0", newer) };
  await deploy(client, "own-sdk", files, settings);
  assert.equal((await call(client, "own-sdk")).payload, "the zip");
});
