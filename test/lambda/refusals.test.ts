/**
 * Bad input through the API: codes, statuses and messages. Where AWS's own answer to the same mistake is known it is
 * repeated word for word; messages that begin otherwise are about what Kiln does not have.
 */
import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type CreateFunctionRequest,
  type LambdaServiceException,
  type UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import { startApi, type TestApi } from "./api.ts";
import { arn, request } from "./support.ts";

type Expected = Omit<Case, "title" | "send">;
type Named = Expected & { name: string; qualifier?: string };

interface Case {
  title: string;
  send: (api: TestApi) => Promise<unknown>;
  status: number;
  code: string;
  message: string | RegExp;
}

const invalid = { status: 400, code: "InvalidParameterValueException" };
const violated = { status: 400, code: "ValidationException" };
const missing = { status: 404, code: "ResourceNotFoundException" };
const conflict = { status: 409, code: "ResourceConflictException" };
const stale = { status: 412, code: "PreconditionFailedException" };

/** A mistake in what a new function is to be. */
function create(title: string, changes: Partial<CreateFunctionRequest>, rest: Expected): Case {
  return {
    title: `CreateFunction: ${title}`,
    send: ({ client }) => client.send(new CreateFunctionCommand(request("new", changes))),
    ...rest,
  };
}

function configure(title: string, changes: Partial<UpdateFunctionConfigurationRequest>, rest: Expected): Case {
  return {
    title: `UpdateFunctionConfiguration: ${title}`,
    send: ({ client }) => client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...changes })),
    ...rest,
  };
}

const range = (value: string, member: string, rule: string) =>
  `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`;
const lowest = (value: number) => `Member must have value greater than or equal to ${value}`;
const highest = (value: number) => `Member must have value less than or equal to ${value}`;
const variables =
  "Lambda was unable to configure your environment variables because the environment variables you have provided";
const long = "x".repeat(4096);
const mismatch = "The derived qualifier from the function name does not match the specified qualifier.";
const unqualified =
  "This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. " +
  "Please specify either a function name or an unqualified function ARN.";
const revision =
  "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id";

/** Function `f` exists, with version 1. */
const cases: Case[] = [
  create("memory too small", { MemorySize: 127 }, { ...violated, message: range("127", "memorySize", lowest(128)) }),
  create(
    "memory too large",
    { MemorySize: 10241 },
    {
      ...invalid,
      message: `'MemorySize' value failed to satisfy constraint: ${highest(10240)}`,
    },
  ),
  create("timeout of zero", { Timeout: 0 }, { ...violated, message: range("0", "timeout", lowest(1)) }),
  create("timeout too long", { Timeout: 901 }, { ...violated, message: range("901", "timeout", highest(900)) }),
  create(
    "storage too small",
    { EphemeralStorage: { Size: 511 } },
    {
      ...violated,
      message: range("511", "ephemeralStorage.size", lowest(512)),
    },
  ),
  create(
    "storage too large",
    { EphemeralStorage: { Size: 10241 } },
    {
      ...violated,
      message: range("10241", "ephemeralStorage.size", highest(10240)),
    },
  ),
  create(
    "role that is no ARN",
    { Role: "r1" },
    {
      ...violated,
      message: range(
        "r1",
        "role",
        String.raw`Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`,
      ),
    },
  ),
  create(
    "unknown runtime",
    { Runtime: "non-existent-runtime" as "nodejs24.x" },
    {
      ...invalid,
      message:
        /^Value non-existent-runtime at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[nodejs.*\] or be a valid ARN$/,
    },
  ),
  create(
    "runtime whose time is over",
    { Runtime: "nodejs14.x" },
    {
      ...invalid,
      message:
        "The runtime parameter of nodejs14.x is no longer supported for creating or updating AWS Lambda functions. " +
        "We recommend you use a supported runtime while creating or updating functions.",
    },
  ),
  create(
    "runtime that this host cannot have",
    { Runtime: "python3.13" },
    {
      ...invalid,
      message: "The runtime python3.13 is not available on this host: this host has no image of it. Use nodejs24.x.",
    },
  ),
  create(
    "runtime that is not built",
    { Runtime: "nodejs20.x" },
    {
      ...invalid,
      message:
        'The image of the runtime nodejs20.x has not been built on this host. Run "kiln runtimes build nodejs20.x" and try again.',
    },
  ),
  create(
    "no runtime",
    { Runtime: undefined },
    {
      ...invalid,
      message: "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    },
  ),
  create(
    "no handler",
    { Handler: undefined },
    {
      ...invalid,
      message: "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
    },
  ),
  create(
    "other architecture",
    { Architectures: ["arm64"] },
    { ...invalid, message: /^This host runs x86_64 functions only; arm64/ },
  ),
  create(
    "two architectures",
    { Architectures: ["x86_64", "arm64"] },
    {
      ...violated,
      message: range("[x86_64, arm64]", "architectures", "Member must have length less than or equal to 1"),
    },
  ),
  create("no code", { Code: {} }, { ...invalid, message: "Please provide a source for function code." }),
  create(
    "empty zip",
    { Code: { ZipFile: Buffer.alloc(0) } },
    { ...invalid, message: "Uploaded file must be a non-empty zip" },
  ),
  create(
    "zip too large",
    { Code: { ZipFile: Buffer.alloc(52_428_801) } },
    {
      status: 413,
      code: "RequestEntityTooLargeException",
      message: "Zipped size must be smaller than 52428800 bytes",
    },
  ),
  create(
    "code in S3",
    { Code: { S3Bucket: "bucket", S3Key: "key" } },
    { ...invalid, message: /^S3Bucket is not supported by Kiln yet/ },
  ),
  create(
    "image",
    { PackageType: "Image", Code: { ImageUri: "image" } },
    { ...invalid, message: /^PackageType Image is not supported/ },
  ),
  create(
    "layers",
    { Layers: ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"] },
    { ...invalid, message: /^Layers is not supported/ },
  ),
  create(
    "network",
    { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: ["sg-1"] } },
    { ...invalid, message: /^VpcConfig is not/ },
  ),
  create(
    "file system",
    {
      FileSystemConfigs: [
        {
          Arn: "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0",
          LocalMountPath: "/mnt/a",
        },
      ],
    },
    { ...invalid, message: /^FileSystemConfigs is not supported/ },
  ),
  create(
    "key",
    { KMSKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1" },
    { ...invalid, message: /^KMSKeyArn is not supported/ },
  ),
  create(
    "SnapStart without support",
    { SnapStart: { ApplyOn: "PublishedVersions" } },
    {
      ...invalid,
      message: "nodejs24.x is not supported for SnapStart enabled functions.",
    },
  ),
  create(
    "reserved variables",
    { Environment: { Variables: { AWS_REGION: "x", OK: "1", LAMBDA_TASK_ROOT: "y" } } },
    {
      ...invalid,
      message: `${variables} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT`,
    },
  ),
  create(
    "too many variables",
    { Environment: { Variables: { SMALL_VAR: "ok", LARGE_VAR: long } } },
    {
      ...invalid,
      message: `${variables} exceeded the 4KB limit. String measured: {"SMALL_VAR":"ok","LARGE_VAR":"${long}"}`,
    },
  ),
  create(
    "log level in text",
    { LoggingConfig: { LogFormat: "Text", ApplicationLogLevel: "DEBUG" } },
    {
      ...invalid,
      message:
        'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
    },
  ),
  create(
    "too many tags",
    { Tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])) },
    {
      ...invalid,
      message: "Number of tags exceeds resource tag limit.",
    },
  ),
  create("existing name", { FunctionName: "f" }, { ...conflict, message: "Function already exist: f" }),
  create(
    "long name",
    { FunctionName: "a".repeat(65) },
    {
      ...invalid,
      message: range("a".repeat(65), "functionName", "Member must have length less than or equal to 64"),
    },
  ),
  create("name with a version", { FunctionName: "new:1" }, { ...invalid, message: unqualified }),
  create(
    "other region",
    { FunctionName: "arn:aws:lambda:ap-southeast-1:123456789012:function:new" },
    {
      ...missing,
      message: "Functions from 'ap-southeast-1' are not reachable in this region ('us-east-1')",
    },
  ),
  create(
    "other account",
    { FunctionName: "210987654321:function:new" },
    {
      status: 403,
      code: "AccessDeniedException",
      message:
        /^User: arn:aws:iam::123456789012:root is not authorized to perform: lambda:CreateFunction on resource: arn:aws:lambda:us-east-1:210987654321:function:new /,
    },
  ),

  configure(
    "memory too large",
    { MemorySize: 20_000 },
    {
      ...invalid,
      message: `'MemorySize' value failed to satisfy constraint: ${highest(10240)}`,
    },
  ),
  configure(
    "unknown runtime",
    { Runtime: "PYTHON3.9" as "python3.9" },
    { ...invalid, message: /^Value PYTHON3\.9 at 'runtime'/ },
  ),
  configure(
    "reserved variable",
    { Environment: { Variables: { AWS_SESSION_TOKEN: "" } } },
    { ...invalid, message: /AWS_SESSION_TOKEN$/ },
  ),
  configure("wrong revision", { RevisionId: "wrong" }, { ...stale, message: revision }),
  configure(
    "layers",
    { Layers: ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"] },
    { ...invalid, message: /^Layers is not/ },
  ),
  configure("a version", { FunctionName: "f:1" }, { ...invalid, message: unqualified }),
  configure("unknown function", { FunctionName: "g" }, { ...missing, message: `Function not found: ${arn("g")}` }),

  ...[
    { title: "no source", input: {}, ...invalid, message: "Please provide a source for function code." },
    { title: "wrong revision", input: { ZipFile: Buffer.from("x"), RevisionId: "wrong" }, ...stale, message: revision },
    {
      title: "image",
      input: { ImageUri: "image" },
      ...invalid,
      message: "Please don't provide ImageUri when updating a function with packageType Zip.",
    },
    { title: "S3", input: { S3Bucket: "bucket", S3Key: "key" }, ...invalid, message: /^S3Bucket is not supported/ },
    {
      title: "other architecture",
      input: { ZipFile: Buffer.from("x"), Architectures: ["arm64" as const] },
      ...invalid,
      message: /^This host/,
    },
    {
      title: "unknown function",
      input: { FunctionName: "g", ZipFile: Buffer.from("x") },
      ...missing,
      message: `Function not found: ${arn("g")}`,
    },
  ].map(({ title, input, ...rest }): Case => ({
    title: `UpdateFunctionCode: ${title}`,
    send: ({ client }) => client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ...input })),
    ...rest,
  })),

  ...[
    { name: "g", ...missing, message: `Function not found: ${arn("g")}` },
    { name: "g", qualifier: "1", ...missing, message: `Function not found: ${arn("g")}:1` },
    { name: "g", qualifier: "$LATEST", ...missing, message: `Function not found: ${arn("g")}:$LATEST` },
    { name: "f:1221", ...missing, message: `Function not found: ${arn("f")}:1221` },
    { name: "f", qualifier: "alias", ...missing, message: `Function not found: ${arn("f")}:alias` },
    { name: arn("f"), qualifier: "$latest", ...missing, message: `Function not found: ${arn("f")}:$latest` },
    { name: `${arn("f")}:$LATEST`, qualifier: "1", ...invalid, message: mismatch },
    {
      name: "arn:aws:lambda:us-east-1:123456789012:function",
      ...missing,
      message: `Function not found: ${arn("function")}`,
    },
    {
      name: "arn:aws:lambda:eu-west-1:123456789012:function:f",
      ...missing,
      message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    },
    {
      name: "f!",
      ...violated,
      message:
        /Value 'f!' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern/,
    },
    {
      name: "f",
      qualifier: "invalid!",
      ...violated,
      message: /Value 'invalid!' at 'qualifier' failed to satisfy constraint/,
    },
    { name: `${arn("f")}:1:2`, ...violated, message: /at 'functionName' failed to satisfy constraint/ },
  ].flatMap(({ name, qualifier, ...rest }: Named): Case[] => [
    {
      title: `GetFunction: ${name} ${qualifier ?? ""}`,
      send: ({ client }) => client.send(new GetFunctionCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
    {
      title: `GetFunctionConfiguration: ${name} ${qualifier ?? ""}`,
      send: ({ client }) =>
        client.send(new GetFunctionConfigurationCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
  ]),

  ...[
    {
      name: "f",
      qualifier: "$LATEST",
      ...invalid,
      message: "$LATEST version cannot be deleted without deleting the function.",
    },
    { name: "f:alias", ...invalid, message: "Deletion of aliases is not currently supported." },
    { name: "g", ...missing, message: `Function not found: ${arn("g")}` },
    { name: "g", qualifier: "1233", ...missing, message: `Function not found: ${arn("g")}` },
    { name: "g", qualifier: "$latest", ...missing, message: `Function not found: ${arn("g")}` },
    { name: `${arn("f")}:2`, qualifier: "1", ...invalid, message: mismatch },
  ].map(({ name, qualifier, ...rest }: Named): Case => ({
    title: `DeleteFunction: ${name} ${qualifier ?? ""}`,
    send: ({ client }) => client.send(new DeleteFunctionCommand({ FunctionName: name, Qualifier: qualifier })),
    ...rest,
  })),

  {
    title: "PublishVersion: other code",
    send: ({ client }) => client.send(new PublishVersionCommand({ FunctionName: "f", CodeSha256: "other" })),
    ...invalid,
    message:
      /^CodeSHA256 \(other\) is different from current CodeSHA256 in \$LATEST \(\S{44}\)\. Please try again with the CodeSHA256 in \$LATEST\.$/,
  },
  {
    title: "PublishVersion: wrong revision",
    send: ({ client }) => client.send(new PublishVersionCommand({ FunctionName: "f", RevisionId: "wrong" })),
    ...stale,
    message: revision,
  },
  {
    title: "ListFunctions: unknown kind of version",
    send: ({ client }) => client.send(new ListFunctionsCommand({ FunctionVersion: "invalid" as "ALL" })),
    ...violated,
    message: range("invalid", "functionVersion", "Member must satisfy enum value set: [ALL]"),
  },
  {
    title: "ListFunctions: no items",
    send: ({ client }) => client.send(new ListFunctionsCommand({ MaxItems: 0 })),
    ...violated,
    message: range("0", "maxItems", lowest(1)),
  },
  ...["x", Buffer.from('{"after":"../../x"}').toString("base64"), Buffer.from("[]").toString("base64")].map(
    (Marker): Case => ({
      title: `ListFunctions: marker ${Marker}`,
      send: ({ client }) => client.send(new ListFunctionsCommand({ Marker })),
      ...invalid,
      message: /^Invalid Marker: /,
    }),
  ),
  {
    title: "ListVersionsByFunction: unknown function",
    send: ({ client }) => client.send(new ListVersionsByFunctionCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  {
    title: "Invoke: unknown function",
    send: ({ client }) => client.send(new InvokeCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}:$LATEST`,
  },
];

async function check(api: TestApi, { send, status, code, message }: Case): Promise<void> {
  await assert.rejects(send(api), (thrown: LambdaServiceException) => {
    assert.deepEqual([thrown.$metadata.httpStatusCode, thrown.name], [status, code], thrown.message);
    if (typeof message === "string") assert.equal(thrown.message, message);
    else assert.match(thrown.message, message);
    return true;
  });
}

describe("refusals", () => {
  let api: TestApi;
  const ready = async (context: TestContext): Promise<void> => {
    api = await startApi(context);
    await api.deploy("f", { Publish: true });
  };

  it("say what is wrong, and change nothing", async (t) => {
    await ready(t);
    const before = await api.store.documents.list("function", "", { limit: 100 });
    for (const each of cases) await t.test(each.title, () => check(api, each));
    await api.functions.settled();
    assert.deepEqual(await api.store.documents.list("function", "", { limit: 100 }), before);
    assert.equal(api.artifacts.stored.size, 1);
    assert.deepEqual(api.faults, []);
    assert.deepEqual(api.reports, []);
  });

  it("keep an account within its code storage", async (t) => {
    const full = await startApi(t, { limits: { totalCodeSize: 25 } });
    await full.deploy("f");
    const exceeded = { status: 400, code: "CodeStorageExceededException", message: "Code storage limit exceeded." };
    const big = { ZipFile: Buffer.alloc(17) };
    await check(full, {
      title: "",
      ...exceeded,
      send: () => full.client.send(new CreateFunctionCommand(request("g", { Code: big }))),
    });
    await check(full, {
      title: "",
      ...exceeded,
      send: () => full.client.send(new UpdateFunctionCodeCommand({ FunctionName: "f", ...big })),
    });
    await full.client.send(new PublishVersionCommand({ FunctionName: "f" }));
    await full.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", Timeout: 9 }));
    await full.functions.settled();
    await check(full, {
      title: "",
      ...exceeded,
      send: () => full.client.send(new PublishVersionCommand({ FunctionName: "f" })),
    });
  });

  it("pass what asks for nothing, and keep what has no effect yet", async (t) => {
    const { client } = await startApi(t);
    const answer = await client.send(
      new CreateFunctionCommand(
        request("f", {
          VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
          Layers: [],
          FileSystemConfigs: [],
          ImageConfig: {},
          KMSKeyArn: "",
          TracingConfig: { Mode: "Active" },
          SnapStart: { ApplyOn: "None" },
          DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" },
          Environment: { Variables: {} },
        }),
      ),
    );
    assert.deepEqual(answer.TracingConfig, { Mode: "Active" });
    assert.deepEqual(answer.DeadLetterConfig, { TargetArn: "arn:aws:sqs:us-east-1:123456789012:queue" });
    assert.deepEqual(answer.Environment, { Variables: {} });
    assert.equal(answer.VpcConfig, undefined);
  });
});
