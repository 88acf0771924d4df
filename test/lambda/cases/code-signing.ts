import {
  CreateCodeSigningConfigCommand,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  DeleteFunctionCodeSigningConfigCommand,
  GetCodeSigningConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  ListFunctionsByCodeSigningConfigCommand,
  PutFunctionCodeSigningConfigCommand,
  UpdateCodeSigningConfigCommand,
  type LambdaClient,
} from "@aws-sdk/client-lambda";
import { arn, request } from "../support.ts";
import { missing, unqualified, invalid, violated, type Case, type Expected } from "./case.ts";

const unknown = (found: string): Expected => ({
  ...missing,
  message: `The Lambda code signing configuration ${found} can not be found.`,
});
const unusable = (found: string): Expected => ({
  status: 404,
  code: "CodeSigningConfigNotFoundException",
  message: `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${found}.`,
});
const noFunction: Expected = { ...missing, message: `Function not found: ${arn("g")}` };
const each = (title: string, send: (client: LambdaClient) => Promise<unknown>, expected: Expected): Case => ({
  title,
  send: ({ client }) => send(client),
  ...expected,
});
const use = (FunctionName: string, CodeSigningConfigArn: string) => (client: LambdaClient) =>
  client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));

/** Mistakes around code signing configurations, of which `config` is the only one. Function `f` has version 1. */
export function codeSigningCases(config: string): Case[] {
  const absent = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000";
  const elsewhere = config.replace("us-east-1", "eu-west-1");
  return [
    ...[absent, elsewhere].flatMap((CodeSigningConfigArn) => {
      const expected = unknown(CodeSigningConfigArn);
      return [
        each("Get", (client) => client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn })), expected),
        each("Update", (client) => client.send(new UpdateCodeSigningConfigCommand({ CodeSigningConfigArn })), expected),
        each("Delete", (client) => client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn })), expected),
        each(
          "ListFunctions",
          (client) => client.send(new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn })),
          expected,
        ),
        each("PutFunction", use("f", CodeSigningConfigArn), unusable(CodeSigningConfigArn)),
        each("PutFunction: neither", use("g", CodeSigningConfigArn), unusable(CodeSigningConfigArn)),
        each(
          "CreateFunction",
          (client) => client.send(new CreateFunctionCommand(request("new", { CodeSigningConfigArn }))),
          unusable(CodeSigningConfigArn),
        ),
      ];
    }),
    each("PutFunction: no function", use("g", config), noFunction),
    each("PutFunction: a version", use("f:1", config), { ...invalid, message: unqualified }),
    each(
      "GetFunction",
      (client) => client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: "g" })),
      noFunction,
    ),
    each(
      "DeleteFunction",
      (client) => client.send(new DeleteFunctionCodeSigningConfigCommand({ FunctionName: "g" })),
      noFunction,
    ),
    each(
      "Create without publishers",
      (client) =>
        client.send(new CreateCodeSigningConfigCommand({ AllowedPublishers: { SigningProfileVersionArns: [] } })),
      { ...violated, message: /at 'allowedPublishers\.signingProfileVersionArns' failed to satisfy constraint/ },
    ),
    each("Get: no ARN", (client) => client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn: "csc" })), {
      ...violated,
      message: /at 'codeSigningConfigArn' failed to satisfy constraint/,
    }),
  ];
}
