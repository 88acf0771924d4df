import {
  PublishVersionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationRequest,
} from "@aws-sdk/client-lambda";
import { arn } from "../support.ts";
import { highest, invalid, missing, revision, stale, unqualified, type Case, type Expected } from "./case.ts";

function configure(title: string, changes: Partial<UpdateFunctionConfigurationRequest>, rest: Expected): Case {
  return {
    title: `UpdateFunctionConfiguration: ${title}`,
    send: ({ client }) => client.send(new UpdateFunctionConfigurationCommand({ FunctionName: "f", ...changes })),
    ...rest,
  };
}

export const changeCases: Case[] = [
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
    { ...invalid, message: "Layer version arn:aws:lambda:us-east-1:123456789012:layer:l:1 does not exist." },
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
    { title: "S3", input: { S3Bucket: "bucket", S3Key: "key" }, ...invalid, message: /^Code in S3 cannot be read/ },
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
];
