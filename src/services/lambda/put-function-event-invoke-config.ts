import type { FunctionEventInvokeConfig, PutFunctionEventInvokeConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { eventInvokeConfig, eventInvokeTarget } from "./event-invoke-shape.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html */
export function putFunctionEventInvokeConfig({
  functions,
}: LambdaDependencies): Operation<PutFunctionEventInvokeConfigRequest, FunctionEventInvokeConfig> {
  return async (input, context) => {
    const target = eventInvokeTarget(context, input);
    return eventInvokeConfig(target, await functions.eventInvoke.put(target, input));
  };
}
