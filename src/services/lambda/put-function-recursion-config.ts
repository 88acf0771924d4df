import type { PutFunctionRecursionConfigRequest, PutFunctionRecursionConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html */
export function putFunctionRecursionConfig({
  functions,
}: LambdaDependencies): Operation<PutFunctionRecursionConfigRequest, PutFunctionRecursionConfigResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    return { RecursiveLoop: await functions.recursion.put(scope, name, input.RecursiveLoop ?? "Terminate") };
  };
}
