import type { GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html */
export function getFunctionConcurrency({
  functions,
}: LambdaDependencies): Operation<GetFunctionConcurrencyRequest, GetFunctionConcurrencyResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const reserved = await functions.concurrency.getReserved(scope, name);
    return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
  };
}
