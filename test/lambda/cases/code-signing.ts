/** Mistakes around code signing configurations. Function `f` has version 1. */
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

/** Of a configuration that is there. */
const useNew = (FunctionName: string) => async (client: LambdaClient) => {
  const { CodeSigningConfig } = await client.send(
    new CreateCodeSigningConfigCommand({
      AllowedPublishers: {
        SigningProfileVersionArns: ["arn:aws:signer:us-east-1:123456789012:/signing-profiles/test"],
      },
    }),
  );
  return use(FunctionName, CodeSigningConfig?.CodeSigningConfigArn ?? "")(client);
};

const absent = "arn:aws:lambda:us-east-1:123456789012:code-signing-config:csc-00000000000000000";
const elsewhere = absent.replace("us-east-1", "eu-west-1");
export const codeSigningCases: Case[] = [
  ...[absent, elsewhere].flatMap((CodeSigningConfigArn) => {
    const expected = unknown(CodeSigningConfigArn);
    return [
      each(
        `GetCodeSigningConfig: ${CodeSigningConfigArn}`,
        (client) => client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn })),
        expected,
      ),
      each(
        `UpdateCodeSigningConfig: ${CodeSigningConfigArn}`,
        (client) => client.send(new UpdateCodeSigningConfigCommand({ CodeSigningConfigArn })),
        expected,
      ),
      each(
        `DeleteCodeSigningConfig: ${CodeSigningConfigArn}`,
        (client) => client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn })),
        expected,
      ),
      each(
        `ListFunctionsByCodeSigningConfig: ${CodeSigningConfigArn}`,
        (client) => client.send(new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn })),
        expected,
      ),
      each(
        `PutFunctionCodeSigningConfig: ${CodeSigningConfigArn}`,
        use("f", CodeSigningConfigArn),
        unusable(CodeSigningConfigArn),
      ),
      each(
        `PutFunctionCodeSigningConfig: neither ${CodeSigningConfigArn}`,
        use("g", CodeSigningConfigArn),
        unusable(CodeSigningConfigArn),
      ),
      each(
        `CreateFunction: code signing ${CodeSigningConfigArn}`,
        (client) => client.send(new CreateFunctionCommand(request("new", { CodeSigningConfigArn }))),
        unusable(CodeSigningConfigArn),
      ),
    ];
  }),
  each("PutFunctionCodeSigningConfig: no function", useNew("g"), noFunction),
  each("PutFunctionCodeSigningConfig: a version", useNew("f:1"), { ...invalid, message: unqualified }),
  each(
    "GetFunctionCodeSigningConfig: no function",
    (client) => client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: "g" })),
    noFunction,
  ),
  each(
    "DeleteFunctionCodeSigningConfig: no function",
    (client) => client.send(new DeleteFunctionCodeSigningConfigCommand({ FunctionName: "g" })),
    noFunction,
  ),
  each(
    "CreateCodeSigningConfig: no publishers",
    (client) =>
      client.send(new CreateCodeSigningConfigCommand({ AllowedPublishers: { SigningProfileVersionArns: [] } })),
    { ...violated, message: /at 'allowedPublishers\.signingProfileVersionArns' failed to satisfy constraint/ },
  ),
  each(
    "GetCodeSigningConfig: no ARN",
    (client) => client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn: "csc" })),
    {
      ...violated,
      message: /at 'codeSigningConfigArn' failed to satisfy constraint/,
    },
  ),
];
