import type { UpdateFunctionUrlConfigRequest, UpdateFunctionUrlConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { changedUrl } from "./function-urls.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionUrlConfig.html */
export function updateFunctionUrlConfig({
  functions,
}: LambdaDependencies): Operation<UpdateFunctionUrlConfigRequest, UpdateFunctionUrlConfigResponse> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    return changedUrl(context, scope, await functions.urls.update(scope, name, qualifier, input));
  };
}
