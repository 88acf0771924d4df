import type { DeleteFunctionUrlConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionUrlConfig.html */
export function deleteFunctionUrlConfig({
  functions,
}: LambdaDependencies): Operation<DeleteFunctionUrlConfigRequest, Record<string, never>> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    await functions.urls.remove(scope, name, qualifier);
    return {};
  };
}
