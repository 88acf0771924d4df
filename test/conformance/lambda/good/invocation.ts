import { PutFunctionEventInvokeConfigCommand } from "@aws-sdk/client-lambda";
import type { TestApi } from "../../../lambda/api.ts";
import { arn } from "../../../lambda/support.ts";
import { good, type GoodCase } from "../good-case.ts";

const f = { FunctionName: "f" };
const latest = { FunctionArn: `${arn("f")}:$LATEST` };
const config = {
  ...latest,
  LastModified: (value: unknown) => value instanceof Date,
  DestinationConfig: { OnSuccess: {}, OnFailure: {} },
};
const once = { MaximumRetryAttempts: 1 };
const queue = { Destination: "arn:aws:sqs:us-east-1:123456789012:queue" };

/** After `f` has got settings of asynchronous calls. */
function withConfig<I extends object>(input: I) {
  return async ({ client }: TestApi): Promise<I> => {
    await client.send(new PutFunctionEventInvokeConfigCommand({ ...f, ...once }));
    return input;
  };
}

export const invocationCases: GoodCase[] = [
  good(
    "Invoke",
    "an event",
    { ...f, InvocationType: "Event", Payload: Buffer.from("{}") },
    { status: 202, answer: { StatusCode: 202 } },
  ),
  good("InvokeAsync", "an event", { ...f, InvokeArgs: "{}" }, { status: 202, answer: { Status: 202 } }),
  good("PutFunctionEventInvokeConfig", "retries", { ...f, ...once }, { answer: { ...config, ...once } }),
  good(
    "PutFunctionEventInvokeConfig",
    "everything, in place of what was there",
    withConfig({ ...f, MaximumEventAgeInSeconds: 60, DestinationConfig: { OnSuccess: queue, OnFailure: queue } }),
    { answer: { ...config, MaximumEventAgeInSeconds: 60, DestinationConfig: { OnSuccess: queue, OnFailure: queue } } },
  ),
  good(
    "PutFunctionEventInvokeConfig",
    "of a version",
    { ...f, Qualifier: "1", ...once },
    {
      answer: { ...config, ...once, FunctionArn: `${arn("f")}:1` },
    },
  ),
  good("UpdateFunctionEventInvokeConfig", "age", withConfig({ ...f, MaximumEventAgeInSeconds: 21_600 }), {
    answer: { ...config, ...once, MaximumEventAgeInSeconds: 21_600 },
  }),
  good("GetFunctionEventInvokeConfig", "of $LATEST", withConfig(f), { answer: { ...config, ...once } }),
  good("ListFunctionEventInvokeConfigs", "one", withConfig(f), {
    answer: { FunctionEventInvokeConfigs: [{ ...config, ...once }] },
  }),
  good("ListFunctionEventInvokeConfigs", "none", f, { answer: { FunctionEventInvokeConfigs: [] } }),
  good("DeleteFunctionEventInvokeConfig", "of $LATEST", withConfig(f), { status: 204, answer: {} }),
  good("PutFunctionRecursionConfig", "Allow", { ...f, RecursiveLoop: "Allow" }, { answer: { RecursiveLoop: "Allow" } }),
  good("GetFunctionRecursionConfig", "default", f, { answer: { RecursiveLoop: "Terminate" } }),
  good(
    "PutRuntimeManagementConfig",
    "of $LATEST",
    { ...f, UpdateRuntimeOn: "FunctionUpdate" },
    {
      answer: { ...latest, UpdateRuntimeOn: "FunctionUpdate" },
    },
  ),
  good("GetRuntimeManagementConfig", "default", f, { answer: { ...latest, UpdateRuntimeOn: "Auto" } }),
];
