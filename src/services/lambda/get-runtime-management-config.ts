import type { GetRuntimeManagementConfigRequest, GetRuntimeManagementConfigResponse } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetRuntimeManagementConfig.html */
export function getRuntimeManagementConfig({
  functions,
}: LambdaDependencies): Operation<GetRuntimeManagementConfigRequest, GetRuntimeManagementConfigResponse> {
  return async (input, context) => {
    const { scope, name, qualifier = "$LATEST" } = namedFunction(context, input.FunctionName, input.Qualifier);
    const config = await functions.runtimeManagement.get(scope, name, qualifier);
    return {
      UpdateRuntimeOn: config.updateRuntimeOn,
      FunctionArn: functionArn(scope, name, qualifier),
      ...(config.runtimeVersionArn === undefined ? {} : { RuntimeVersionArn: config.runtimeVersionArn }),
    };
  };
}
