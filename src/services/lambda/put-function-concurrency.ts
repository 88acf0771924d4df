import type { Concurrency, PutFunctionConcurrencyRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html */
export function putFunctionConcurrency({
  functions,
}: LambdaDependencies): Operation<PutFunctionConcurrencyRequest, Concurrency> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const reserved = await functions.concurrency.putReserved(scope, name, input.ReservedConcurrentExecutions ?? 0);
    return { ReservedConcurrentExecutions: reserved };
  };
}
