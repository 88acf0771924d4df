/** Function `f` has a URL, version 1 and alias `live`; function `bare` has no URL. */
import {
  CreateFunctionUrlConfigCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
  type Cors,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { arn } from "../support.ts";
import { conflict, invalid, mismatch, missing, violated, type Case } from "./case.ts";

interface Input {
  FunctionName: string;
  Qualifier?: string;
}
type Kind = "Create" | "Get" | "Update" | "Delete";

const send: Record<Kind, (api: TestApi, input: Input) => Promise<unknown>> = {
  Create: ({ client }, input) => client.send(new CreateFunctionUrlConfigCommand({ AuthType: "NONE", ...input })),
  Get: ({ client }, input) => client.send(new GetFunctionUrlConfigCommand(input)),
  Update: ({ client }, input) => client.send(new UpdateFunctionUrlConfigCommand({ AuthType: "AWS_IAM", ...input })),
  Delete: ({ client }, input) => client.send(new DeleteFunctionUrlConfigCommand(input)),
};

const noFunction = { ...missing, message: "Function does not exist" };
const noUrl = { ...missing, message: "The resource you requested does not exist." };
const qualifier = (value: string) => ({
  ...violated,
  message: `1 validation error detected: Value '${value}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)`,
});

type Refusal = Pick<Case, "status" | "code" | "message">;
const table: { input: Input; expect: (kind: Kind) => Refusal }[] = [
  { input: { FunctionName: "absent" }, expect: lookedFor },
  { input: { FunctionName: arn("absent") }, expect: lookedFor },
  { input: { FunctionName: "absent", Qualifier: "1" }, expect: () => qualifier("1") },
  { input: { FunctionName: "f", Qualifier: "1" }, expect: () => qualifier("1") },
  { input: { FunctionName: "f", Qualifier: "$LATEST" }, expect: () => qualifier("$LATEST") },
  { input: { FunctionName: "f", Qualifier: "v1" }, expect: lookedFor },
  {
    input: { FunctionName: "f:live-not", Qualifier: "live" },
    expect: () => ({
      ...invalid,
      message: mismatch,
    }),
  },
];

/** Creating and updating look for the function first, reading and removing for the URL. */
function lookedFor(kind: Kind): Refusal {
  return kind === "Create" || kind === "Update" ? noFunction : noUrl;
}

const corsCase = (given: Cors, message: string): Case => ({
  title: `CreateFunctionUrlConfig: ${JSON.stringify(given).slice(0, 60)}`,
  send: ({ client }) =>
    client.send(new CreateFunctionUrlConfigCommand({ FunctionName: "bare", AuthType: "NONE", Cors: given })),
  ...violated,
  message: `1 validation error detected: Value '${message}`,
});

export const functionUrlCases: Case[] = [
  ...table.flatMap(({ input, expect }) =>
    (["Create", "Get", "Update", "Delete"] as const).map((kind): Case => ({
      title: `${kind}FunctionUrlConfig: ${input.FunctionName} ${input.Qualifier ?? ""}`,
      send: (api) => send[kind](api, input),
      ...expect(kind),
    })),
  ),
  ...(["Get", "Update", "Delete"] as const).map((kind): Case => ({
    title: `${kind}FunctionUrlConfig: a function without URL`,
    send: (api) => send[kind](api, { FunctionName: "bare" }),
    ...noUrl,
  })),
  {
    title: "CreateFunctionUrlConfig: a second one",
    send: (api) => send.Create(api, { FunctionName: "f" }),
    ...conflict,
    message: `Failed to create function url config for [functionArn = ${arn("f")}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
  },
  {
    title: "ListFunctionUrlConfigs: unknown function",
    send: ({ client }) => client.send(new ListFunctionUrlConfigsCommand({ FunctionName: "absent" })),
    ...noFunction,
  },
  {
    title: "ListFunctionUrlConfigs: marker of another service",
    send: ({ client }) => client.send(new ListFunctionUrlConfigsCommand({ FunctionName: "f", Marker: "x" })),
    ...invalid,
    message: /^Invalid Marker: /,
  },
  {
    title: "CreateFunctionUrlConfig: unknown invoke mode",
    send: ({ client }) =>
      client.send(
        new CreateFunctionUrlConfigCommand({
          FunctionName: "bare",
          AuthType: "NONE",
          InvokeMode: "UNKNOWN" as "BUFFERED",
        }),
      ),
    ...violated,
    message:
      "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
  },
  corsCase(
    { AllowMethods: ["GET", "POST", "OPTIONS"] },
    "[GET, POST, OPTIONS]' at 'cors.allowMethods' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 6, Member must have length greater than or equal to 0, Member must satisfy regular expression pattern: .*, Member must not be null]",
  ),
  corsCase(
    { MaxAge: 86_401 },
    "86401' at 'cors.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400",
  ),
  corsCase(
    { MaxAge: -1 },
    "-1' at 'cors.maxAge' failed to satisfy constraint: Member must have value greater than or equal to 0",
  ),
];
