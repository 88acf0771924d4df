import type { DeleteFunctionRequest, DeleteFunctionResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunction.html */
export function deleteFunction({
  functions,
}: LambdaDependencies): Operation<DeleteFunctionRequest, DeleteFunctionResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    await functions.remove(scope, name, qualifier);
    return { StatusCode: 204 };
  };
}
