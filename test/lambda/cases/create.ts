import { CreateFunctionCommand, type CreateFunctionRequest } from "@aws-sdk/client-lambda";
import { request } from "../support.ts";
import {
  conflict,
  highest,
  invalid,
  lowest,
  missing,
  range,
  unqualified,
  violated,
  type Case,
  type Expected,
} from "./case.ts";

/** A mistake in what a new function is to be. */
function create(title: string, changes: Partial<CreateFunctionRequest>, rest: Expected): Case {
  return {
    title: `CreateFunction: ${title}`,
    send: ({ client }) => client.send(new CreateFunctionCommand(request("new", changes))),
    ...rest,
  };
}

const variables =
  "Lambda was unable to configure your environment variables because the environment variables you have provided";
const accessPoint = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef0";
const long = "x".repeat(4096);

export const createCases: Case[] = [
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
    {
      ...invalid,
      message: /^Code in S3 cannot be read, because Kiln was started without an object store\. Set KILN_S3_ENDPOINT/,
    },
  ),
  create(
    "image",
    { PackageType: "Image", Code: { ImageUri: "image" } },
    {
      ...invalid,
      message: "Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image.",
    },
  ),
  create(
    "layers",
    { Layers: ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"] },
    { ...invalid, message: "Layer version arn:aws:lambda:us-east-1:123456789012:layer:l:1 does not exist." },
  ),
  create(
    "network without security groups",
    { VpcConfig: { SubnetIds: ["subnet-1"], SecurityGroupIds: [] } },
    { ...invalid, message: "SubnetIds and SecurityIds must coexist or be both empty list." },
  ),
  create(
    "subnet that is none",
    { VpcConfig: { SubnetIds: ["bad"], SecurityGroupIds: ["sg-1"] } },
    {
      ...violated,
      message: range(
        "[bad]",
        "vpcConfig.subnetIds",
        "Member must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: subnet-[0-9a-z]*]",
      ),
    },
  ),
  create(
    "file system without a network",
    { FileSystemConfigs: [{ Arn: accessPoint, LocalMountPath: "/mnt/a" }] },
    {
      ...invalid,
      message: `Function must be configured to execute in a VPC to reference access point ${accessPoint}.`,
    },
  ),
  create(
    "dead letters to something else",
    { DeadLetterConfig: { TargetArn: "arn:aws:s3:us-east-1:123456789012:bucket" } },
    { ...invalid, message: /^Invalid dead letter queue ARN: / },
  ),
  create(
    "durable execution",
    { DurableConfig: { ExecutionTimeout: 60 } },
    { ...invalid, message: /^DurableConfig is not supported/ },
  ),
  create("version without a number", { PublishTo: "LATEST_PUBLISHED" }, { ...invalid, message: /^PublishTo is not/ }),
  create(
    "parts of an image",
    { ImageConfig: { Command: ["app.handler"] } },
    { ...invalid, message: /^ImageConfig is not supported for functions created with deployment packages/ },
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
];
