import type { CreateFunctionUrlConfigRequest, CreateFunctionUrlConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { createdUrl } from "./function-urls.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html */
export function createFunctionUrlConfig({
  functions,
}: LambdaDependencies): Operation<CreateFunctionUrlConfigRequest, CreateFunctionUrlConfigResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    return createdUrl(context, scope, await functions.urls.create(scope, name, qualifier, input));
  };
}
