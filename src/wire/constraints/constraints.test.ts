/** Messages as AWS sent them, recorded from its answers; the values are made up. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ServiceError } from "../../base/errors.ts";
import { observedOf } from "../observed/index.ts";
import { constraintTables, createConstraints } from "./index.ts";
import { compilePattern } from "./rules.ts";

function messageOf(service: string, operation: string, input: Record<string, unknown>): string | undefined {
  const check = createConstraints(constraintTables[service], observedOf(service))(operation);
  try {
    check?.(input);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof ServiceError);
    return `${error.code}: ${error.message}`;
  }
}

const namePattern =
  "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?";
const rolePattern = "arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+";
const runtimes =
  "nodejs20.x, python3.14, provided.al2023, python3.12, python3.13, nodejs24.x, nodejs22.x, java25, python3.10, python3.11, java21, ruby3.3, ruby3.4, ruby3.2, python3.8, python3.9, java17, nodejs16.x, dotnet10, dotnet8, java11, dotnet6, nodejs18.x, provided.al2, java8.al2";
const one = "ValidationException: 1 validation error detected: ";
const create = { FunctionName: "f", Role: "arn:aws:iam::123456789012:role/r", Code: {} };

const cases: [operation: string, input: Record<string, unknown>, expected: string | undefined][] = [
  ["CreateFunction", create, undefined],
  [
    "CreateFunction",
    { ...create, FunctionName: "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST" },
    undefined,
  ],
  [
    "CreateFunction",
    { ...create, FunctionName: "invalid:function:name" },
    `${one}Value 'invalid:function:name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${namePattern}`,
  ],
  [
    "CreateFunction",
    { ...create, Role: "r1" },
    `${one}Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: ${rolePattern}`,
  ],
  [
    "CreateFunction",
    { ...create, Role: "r1", Code: undefined, MemorySize: 64 },
    `ValidationException: 3 validation errors detected: Value 'r1' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: ${rolePattern}; Value null at 'code' failed to satisfy constraint: Member must not be null; Value '64' at 'memorySize' failed to satisfy constraint: Member must have value greater than or equal to 128`,
  ],
  [
    "CreateFunction",
    { ...create, FunctionName: "a".repeat(141) },
    `${one}Value '${"a".repeat(141)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 140`,
  ],
  [
    "CreateFunction",
    { ...create, Architectures: ["X86_64"] },
    `${one}Value '[X86_64]' at 'architectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]`,
  ],
  [
    "CreateFunction",
    { ...create, Architectures: ["x86_64", "arm64"] },
    `${one}Value '[x86_64, arm64]' at 'architectures' failed to satisfy constraint: Member must have length less than or equal to 1`,
  ],
  [
    "CreateFunction",
    { ...create, VpcConfig: { SubnetIds: ["bad"] } },
    `${one}Value '[bad]' at 'vpcConfig.subnetIds' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]`,
  ],
  [
    "CreateFunction",
    { ...create, SnapStart: { ApplyOn: "invalidOption" } },
    `${one}Value 'invalidOption' at 'snapStart.applyOn' failed to satisfy constraint: Member must satisfy enum value set: [PublishedVersions, None]`,
  ],
  [
    "CreateFunction",
    { ...create, KMSKeyArn: '"arn"' },
    `${one}Value '"arn"' at 'kMSKeyArn' failed to satisfy constraint: Member must satisfy regular expression pattern: (arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`,
  ],
  [
    "CreateFunction",
    { ...create, Environment: { Variables: { "1secret": "hidden" } } },
    `${one}Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]`,
  ],
  [
    "CreateFunction",
    { ...create, FileSystemConfigs: [{ Arn: "x", LocalMountPath: "/mnt/a" }] },
    `${one}Value 'x' at 'fileSystemConfigs.1.member.arn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws[a-zA-Z-]*:elasticfilesystem:(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:\\d{12}:access-point/fsap-[a-f0-9]{17}$|^arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40}`,
  ],
  [
    "CreateFunction",
    { ...create, Runtime: "non-existent-runtime" },
    `InvalidParameterValueException: Value non-existent-runtime at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${runtimes}] or be a valid ARN`,
  ],
  ["CreateFunction", { ...create, Runtime: "python2.7" }, undefined],
  [
    "CreateFunction",
    { ...create, Timeout: 1.5 },
    "SerializationException: NUMBER_VALUE can not be converted to an Integer",
  ],
  [
    "PublishLayerVersion",
    { LayerName: "l", Content: {}, CompatibleRuntimes: ["invalidruntime"], CompatibleArchitectures: ["invalidarch"] },
    // Several violations come in the model's order; AWS's own order is not that of any document.
    `ValidationException: 2 validation errors detected: Value '[invalidarch]' at 'compatibleArchitectures' failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]; Value '[invalidruntime]' at 'compatibleRuntimes' failed to satisfy constraint: Member must satisfy enum value set: [${runtimes}]`,
  ],
  [
    "CreateAlias",
    { FunctionName: "f", Name: "a", FunctionVersion: "1", RoutingConfig: { AdditionalVersionWeights: { 2: 2 } } },
    `${one}Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]`,
  ],
  [
    "CreateAlias",
    {
      FunctionName: "f",
      Name: "a",
      FunctionVersion: "1",
      RoutingConfig: { AdditionalVersionWeights: { $LATEST: 0.5 } },
    },
    `${one}Value '{$LATEST=0.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+]`,
  ],
  [
    "UntagResource",
    { Resource: "arn:aws:lambda:us-east-1:123456789012:function:f" },
    `${one}Value null at 'tagKeys' failed to satisfy constraint: Member must not be null`,
  ],
  [
    "PutFunctionRecursionConfig",
    { FunctionName: "f", RecursiveLoop: "InvalidValue" },
    `${one}Value 'InvalidValue' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]`,
  ],
  [
    "ListFunctions",
    { FunctionVersion: "invalid" },
    `${one}Value 'invalid' at 'functionVersion' failed to satisfy constraint: Member must satisfy enum value set: [ALL]`,
  ],
];

for (const [index, [operation, input, expected]] of cases.entries()) {
  test(`message ${index + 1}: ${operation} ${expected === undefined ? "is valid" : expected.slice(0, 100)}`, () => {
    assert.equal(messageOf("lambda", operation, input), expected);
  });
}

test("logs have a code of their own", () => {
  assert.equal(
    messageOf("logs", "GetLogEvents", { logStreamName: "s", limit: 10_001 }),
    "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
  );
});

test("long values are cut, and so are long lists of them", () => {
  const long = messageOf("lambda", "CreateFunction", { ...create, FunctionName: "a".repeat(1_000_000) }) ?? "";
  assert.ok(long.length < 1300 && long.includes("aaa...'"), long.slice(-200));
  const many = messageOf("lambda", "CreateFunction", { ...create, Layers: Array<string>(100_000).fill("no") }) ?? "";
  assert.ok(many.length < 2000, String(many.length));
});

test("every pattern compiles, and none takes long over hostile input", () => {
  const seeds = ["a", "1", "-", ".", ":", "arn:aws:", "a-", "a.", "function:", "aws-", "/", "é"];
  let steps = 0;
  for (const table of Object.values(constraintTables)) {
    for (const { pattern } of Object.values(table.shapes)) {
      if (pattern === undefined) continue;
      const expression = compilePattern(pattern);
      // A pattern that backtracks exponentially would not get through this in a lifetime.
      for (const seed of seeds) {
        for (const prefix of ["", "arn:aws:lambda:us-east-1:123456789012:function:"]) {
          expression.test(`${prefix}${seed.repeat(2000)}!`);
          steps += 1;
        }
      }
    }
  }
  assert.ok(steps > 1000);
});

test("an operation that the table does not know is not constrained", () => {
  assert.equal(createConstraints(constraintTables["lambda"], observedOf("lambda"))("Nothing"), undefined);
  assert.equal(createConstraints(undefined, observedOf("other"))("Invoke"), undefined);
});
