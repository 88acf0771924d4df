/** Mistakes around settings of asynchronous calls. Function `f` has version 1, with settings, and alias `live`. */
import {
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  ListFunctionEventInvokeConfigsCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import type { TestApi } from "../api.ts";
import { arn } from "../support.ts";
import { highest, invalid, lowest, mismatch, missing, range, violated, type Case } from "./case.ts";

const nobody = { ...missing, message: "The function doesn't exist." };
const none = (name: string) => ({ ...missing, message: `The function ${arn(name)} doesn't have an EventInvokeConfig` });
const iam = "arn:aws:iam:us-east-1:123456789012:function:f";
const bucket = "arn:aws:s3:::bucket";
const retry = { MaximumRetryAttempts: 1 };
const elsewhere = "arn:aws:lambda:eu-west-1:123456789012:function:other";
const invalidConfig = (success: string, failure: string) =>
  `The provided destination config DestinationConfig(onSuccess=${success}, onFailure=${failure}) is invalid.`;

export const eventInvokeCases: Case[] = [
  ...(
    [
      ["unknown function", { FunctionName: "g", ...retry }, nobody],
      ["unknown function by ARN", { FunctionName: arn("g"), ...retry }, nobody],
      ["unknown alias", { Qualifier: "nobody", ...retry }, nobody],
      ["unknown version", { Qualifier: "7", ...retry }, nobody],
      ["two qualifiers", { FunctionName: "f:live", Qualifier: "1", ...retry }, { ...invalid, message: mismatch }],
      [
        "another region",
        { FunctionName: elsewhere, ...retry },
        { ...missing, message: "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')" },
      ],
      [
        "nothing",
        { FunctionName: "g" },
        { ...invalid, message: "You must specify at least one of error handling or destination setting." },
      ],
      [
        "retries",
        { MaximumRetryAttempts: 3 },
        { ...violated, message: range("3", "maximumRetryAttempts", highest(2)) },
      ],
      [
        "age",
        { MaximumEventAgeInSeconds: 59 },
        { ...violated, message: range("59", "maximumEventAgeInSeconds", lowest(60)) },
      ],
      [
        "destination that is not there",
        { DestinationConfig: { OnSuccess: { Destination: arn("g") } } },
        { ...invalid, message: `The destination ARN ${arn("g")} is invalid.` },
      ],
      [
        "destination in another region",
        { DestinationConfig: { OnFailure: { Destination: elsewhere } } },
        { ...invalid, message: `The destination ARN ${elsewhere} is invalid.` },
      ],
      [
        "itself",
        { DestinationConfig: { OnFailure: { Destination: arn("f") } } },
        { ...invalid, message: "You can't specify the function as a destination for itself." },
      ],
      [
        "a version of itself",
        { DestinationConfig: { OnFailure: { Destination: `${arn("f")}:1` } } },
        { ...invalid, message: "You can't specify the function as a destination for itself." },
      ],
      [
        "a service that takes no events",
        { DestinationConfig: { OnSuccess: { Destination: iam } } },
        { ...invalid, message: invalidConfig(`OnSuccess(destination=${iam})`, "null") },
      ],
      [
        "a bucket for results",
        { DestinationConfig: { OnSuccess: { Destination: bucket }, OnFailure: { Destination: bucket } } },
        {
          ...invalid,
          message: invalidConfig(`OnSuccess(destination=${bucket})`, `OnFailure(destination=${bucket})`),
        },
      ],
      [
        "a topic of Kafka",
        { DestinationConfig: { OnFailure: { Destination: "kafka://topic" } } },
        { ...invalid, message: invalidConfig("null", "OnFailure(destination=kafka://topic)") },
      ],
      [
        "no ARN",
        { DestinationConfig: { OnFailure: { Destination: "arn:aws:_-/!lambda:us-east-1:123456789012:function:f" } } },
        { ...violated, message: /at 'destinationConfig\.onFailure\.destination' failed to satisfy constraint/ },
      ],
    ] as const
  ).flatMap(([title, input, expected]): Case[] => [
    {
      title: `PutFunctionEventInvokeConfig: ${title}`,
      send: ({ client }: TestApi) =>
        client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: "f", ...input })),
      ...expected,
    },
    {
      title: `UpdateFunctionEventInvokeConfig: ${title}`,
      send: ({ client }: TestApi) =>
        client.send(
          new UpdateFunctionEventInvokeConfigCommand({ FunctionName: "Qualifier" in input ? "f" : "f:1", ...input }),
        ),
      ...expected,
    },
  ]),
  ...["f", "f:live"].map((FunctionName) => ({
    title: `UpdateFunctionEventInvokeConfig: nothing to change, ${FunctionName}`,
    send: ({ client }: TestApi) => client.send(new UpdateFunctionEventInvokeConfigCommand({ FunctionName, ...retry })),
    ...none(FunctionName === "f" ? "f:$LATEST" : FunctionName),
  })),
  ...["f", "f:live", "f:nobody", "f:7", "g"].flatMap((FunctionName): Case[] => {
    const expected = none(FunctionName.includes(":") ? FunctionName : `${FunctionName}:$LATEST`);
    return [
      {
        title: `GetFunctionEventInvokeConfig: ${FunctionName}`,
        send: ({ client }) => client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })),
        ...expected,
      },
      {
        title: `DeleteFunctionEventInvokeConfig: ${FunctionName}`,
        send: ({ client }) => client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName })),
        ...expected,
      },
    ];
  }),
  {
    title: "ListFunctionEventInvokeConfigs: unknown function",
    send: ({ client }) => client.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: "g" })),
    ...nobody,
  },
  {
    title: "ListFunctionEventInvokeConfigs: too many",
    send: ({ client }) => client.send(new ListFunctionEventInvokeConfigsCommand({ FunctionName: "f", MaxItems: 51 })),
    ...violated,
    message: range("51", "maxItems", highest(50)),
  },
];
