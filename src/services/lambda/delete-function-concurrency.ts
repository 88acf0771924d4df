import type { DeleteFunctionConcurrencyRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html */
export function deleteFunctionConcurrency({
  functions,
}: LambdaDependencies): Operation<DeleteFunctionConcurrencyRequest, object> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    await functions.concurrency.removeReserved(scope, name);
    return {};
  };
}
