import type { FunctionEventInvokeConfig, GetFunctionEventInvokeConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { eventInvokeConfig, eventInvokeTarget } from "./event-invoke-shape.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html */
export function getFunctionEventInvokeConfig({
  functions,
}: LambdaDependencies): Operation<GetFunctionEventInvokeConfigRequest, FunctionEventInvokeConfig> {
  return async (input, context) => {
    const target = eventInvokeTarget(context, input);
    return eventInvokeConfig(target, await functions.eventInvoke.get(target));
  };
}
