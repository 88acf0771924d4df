import {
  DeleteFunctionConcurrencyCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetFunctionConcurrencyCommand,
  GetProvisionedConcurrencyConfigCommand,
  ListProvisionedConcurrencyConfigsCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
} from "@aws-sdk/client-lambda";
import { arn } from "../support.ts";
import { invalid, lowest, missing, range, unqualified, violated, type Case, type Expected } from "./case.ts";

function reserve(title: string, name: string, reserved: number, rest: Expected): Case {
  return {
    title: `PutFunctionConcurrency: ${title}`,
    send: ({ client }) =>
      client.send(new PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions: reserved })),
    ...rest,
  };
}

const tooLittleLeft = {
  ...invalid,
  message:
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
};

export const reservedCases: Case[] = [
  reserve("unknown function", "g", 1, { ...missing, message: `Function not found: ${arn("g")}:$LATEST` }),
  reserve("unknown function, too much", "g", 10_000, {
    ...missing,
    message: `Function not found: ${arn("g")}:$LATEST`,
  }),
  reserve("a version", "f:1", 1, { ...invalid, message: unqualified }),
  reserve("a version by its ARN", arn("f:1"), 1, { ...invalid, message: unqualified }),
  reserve("all of the account", "f", 1000, tooLittleLeft),
  reserve("one more than may be reserved", "f", 901, tooLittleLeft),
  reserve("less than nothing", "f", -1, {
    ...violated,
    message: range("-1", "reservedConcurrentExecutions", lowest(0)),
  }),
  {
    title: "GetFunctionConcurrency: unknown function",
    send: ({ client }) => client.send(new GetFunctionConcurrencyCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  {
    title: "DeleteFunctionConcurrency: unknown function",
    send: ({ client }) => client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  {
    title: "DeleteFunctionConcurrency: a version",
    send: ({ client }) => client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: "f:1" })),
    ...invalid,
    message: unqualified,
  },
];

const published = "The function resource provided must be an alias or a published version.";
const noAlias = (name: string) => ({ ...missing, message: `Cannot find alias arn: ${arn(name)}:noalias` });
const noVersion = (name: string, version: string) => ({
  ...missing,
  message: `Function not found: ${arn(name)}:${version}`,
});

function provision(title: string, name: string, qualifier: string, count: number, rest: Expected): Case {
  return {
    title: `PutProvisionedConcurrencyConfig: ${title}`,
    send: ({ client }) =>
      client.send(
        new PutProvisionedConcurrencyConfigCommand({
          FunctionName: name,
          Qualifier: qualifier,
          ProvisionedConcurrentExecutions: count,
        }),
      ),
    ...rest,
  };
}

export const provisionedCases: Case[] = [
  provision("nothing", "f", "1", 0, {
    ...violated,
    message: range("0", "provisionedConcurrentExecutions", lowest(1)),
  }),
  provision("unknown function and alias", "g", "noalias", 1, noAlias("g")),
  provision("unknown function", "g", "1", 1, noVersion("g", "1")),
  provision("unknown alias", "f", "noalias", 1, noAlias("f")),
  provision("unknown version", "f", "10", 1, noVersion("f", "10")),
  provision("$LATEST", "f", "$LATEST", 1, {
    ...invalid,
    message: "Provisioned Concurrency Configs cannot be applied to unpublished function versions.",
  }),
  provision("more than the account has", "f", "1", 1001, {
    ...invalid,
    message: "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].",
  }),
  provision("more than may be held", "f", "1", 901, {
    ...invalid,
    message:
      "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
  }),
  {
    title: "ListProvisionedConcurrencyConfigs: unknown function",
    send: ({ client }) => client.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: "g" })),
    ...missing,
    message: `Function not found: ${arn("g")}`,
  },
  ...[
    { title: "unknown function and alias", name: "g", qualifier: "noalias", rest: noAlias("g") },
    { title: "unknown function", name: "g", qualifier: "1", rest: noVersion("g", "1") },
    { title: "unknown alias", name: "f", qualifier: "noalias", rest: noAlias("f") },
    { title: "unknown version", name: "f", qualifier: "10", rest: noVersion("f", "10") },
    { title: "$LATEST", name: "f", qualifier: "$LATEST", rest: { ...invalid, message: published } },
  ].flatMap(({ title, name, qualifier, rest }): Case[] => [
    {
      title: `GetProvisionedConcurrencyConfig: ${title}`,
      send: ({ client }) =>
        client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
    {
      title: `DeleteProvisionedConcurrencyConfig: ${title}`,
      send: ({ client }) =>
        client.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: name, Qualifier: qualifier })),
      ...rest,
    },
  ]),
  {
    title: "GetProvisionedConcurrencyConfig: nothing provisioned",
    send: ({ client }) =>
      client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName: "f", Qualifier: "1" })),
    status: 404,
    code: "ProvisionedConcurrencyConfigNotFoundException",
    message: "No Provisioned Concurrency Config found for this function",
  },
];
