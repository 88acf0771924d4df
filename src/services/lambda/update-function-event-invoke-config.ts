import type { FunctionEventInvokeConfig, UpdateFunctionEventInvokeConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { eventInvokeConfig, eventInvokeTarget } from "./event-invoke-shape.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html */
export function updateFunctionEventInvokeConfig({
  functions,
}: LambdaDependencies): Operation<UpdateFunctionEventInvokeConfigRequest, FunctionEventInvokeConfig> {
  return async (input, context) => {
    const target = eventInvokeTarget(context, input);
    return eventInvokeConfig(target, await functions.eventInvoke.update(target, input));
  };
}
