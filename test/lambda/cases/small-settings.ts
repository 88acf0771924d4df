/** Mistakes around recursion and runtimes. Function `f` has version 1, and its runtime the version `versionArn`. */
import {
  GetFunctionRecursionConfigCommand,
  GetRuntimeManagementConfigCommand,
  PutFunctionRecursionConfigCommand,
  PutRuntimeManagementConfigCommand,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { arn } from "../support.ts";
import { invalid, mismatch, missing, violated, type Case } from "./case.ts";

export const versionArn = `arn:aws:lambda:us-east-1::runtime:${"a".repeat(64)}`;
const recursion = (FunctionName: string, RecursiveLoop: string) => ({
  title: `PutFunctionRecursionConfig: ${FunctionName} ${RecursiveLoop}`,
  send: ({ client }: TestApi) =>
    client.send(new PutFunctionRecursionConfigCommand({ FunctionName, RecursiveLoop: RecursiveLoop as "Allow" })),
});

export const smallSettingsCases: Case[] = [
  {
    ...recursion("f", "Invalid"),
    ...violated,
    message:
      "1 validation error detected: Value 'Invalid' at 'recursiveLoop' failed to satisfy constraint: Member must satisfy enum value set: [Terminate, Allow]",
  },
  { ...recursion("g", "Allow"), ...missing, message: `Function not found: ${arn("g")}` },
  { ...recursion("f:1", "Allow"), ...violated, message: /at 'functionName' failed to satisfy constraint/ },
  {
    title: "GetFunctionRecursionConfig: g",
    send: ({ client }) => client.send(new GetFunctionRecursionConfigCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  ...["g", "f:7", "f:alias"].flatMap((FunctionName): Case[] => {
    const expected = {
      ...missing,
      message: `Function not found: ${arn(FunctionName)}${FunctionName === "g" ? ":$LATEST" : ""}`,
    };
    return [
      {
        title: `GetRuntimeManagementConfig: ${FunctionName}`,
        send: ({ client }) => client.send(new GetRuntimeManagementConfigCommand({ FunctionName })),
        ...expected,
      },
      {
        title: `PutRuntimeManagementConfig: ${FunctionName}`,
        send: ({ client }) =>
          client.send(new PutRuntimeManagementConfigCommand({ FunctionName, UpdateRuntimeOn: "Auto" })),
        ...expected,
      },
    ];
  }),
  ...(
    [
      ["Manual without a version", { UpdateRuntimeOn: "Manual" }, invalid, /^RuntimeVersionArn must be given/],
      [
        "Auto with a version",
        { UpdateRuntimeOn: "Auto", RuntimeVersionArn: versionArn },
        invalid,
        /^RuntimeVersionArn can only be given/,
      ],
      [
        "a version that is not here",
        { UpdateRuntimeOn: "Manual", RuntimeVersionArn: `${versionArn}b` },
        invalid,
        `The runtime version ${versionArn}b is not on this host. The function runs on ${versionArn}.`,
      ],
      [
        "no ARN of a version",
        { UpdateRuntimeOn: "Manual", RuntimeVersionArn: "arn:aws:lambda:us-east-1:runtime" },
        violated,
        /at 'runtimeVersionArn' failed to satisfy constraint/,
      ],
      [
        "an unknown mode",
        { UpdateRuntimeOn: "Never" as "Auto" },
        violated,
        /at 'updateRuntimeOn' failed to satisfy constraint: Member must satisfy enum value set/,
      ],
      ["two qualifiers", { FunctionName: "f:1", Qualifier: "2", UpdateRuntimeOn: "Auto" }, invalid, mismatch],
    ] as const
  ).map(([title, input, expected, message]) => ({
    title: `PutRuntimeManagementConfig: ${title}`,
    send: ({ client }: TestApi) => client.send(new PutRuntimeManagementConfigCommand({ FunctionName: "f", ...input })),
    ...expected,
    message,
  })),
];
