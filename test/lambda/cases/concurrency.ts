import {
  DeleteFunctionConcurrencyCommand,
  GetFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
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
