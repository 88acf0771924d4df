import {
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
} from "@aws-sdk/client-lambda";
import { arn } from "../support.ts";
import { invalid, lowest, mismatch, missing, range, violated, type Case, type Expected } from "./case.ts";

type Named = Expected & { name: string; qualifier?: string };

export const nameCases: Case[] = [
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
      name: "arn:aws:lambda:us-east-1:210987654321:function:f:alias",
      status: 403,
      code: "AccessDeniedException",
      message:
        /^User: arn:aws:iam::123456789012:root is not authorized to perform: lambda:GetFunction\w* on resource: arn:aws:lambda:us-east-1:210987654321:function:f:alias because no resource-based policy allows the lambda:GetFunction\w* action$/,
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
    title: "InvokeWithResponseStream: unknown function",
    send: ({ client }) => client.send(new InvokeWithResponseStreamCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}:$LATEST`,
  },
  {
    title: "Invoke: unknown function",
    send: ({ client }) => client.send(new InvokeCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}:$LATEST`,
  },
];
