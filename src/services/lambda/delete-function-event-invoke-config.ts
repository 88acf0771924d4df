import type { DeleteFunctionEventInvokeConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { eventInvokeTarget } from "./event-invoke-shape.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html */
export function deleteFunctionEventInvokeConfig({
  functions,
}: LambdaDependencies): Operation<DeleteFunctionEventInvokeConfigRequest, object> {
  return async (input, context) => {
    await functions.eventInvoke.remove(eventInvokeTarget(context, input));
    return {};
  };
}
