import type { GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionRecursionConfig.html */
export function getFunctionRecursionConfig({
  functions,
}: LambdaDependencies): Operation<GetFunctionRecursionConfigRequest, GetFunctionRecursionConfigResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    return { RecursiveLoop: await functions.recursion.get(scope, name) };
  };
}
