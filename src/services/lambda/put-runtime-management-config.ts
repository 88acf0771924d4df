import type { PutRuntimeManagementConfigRequest, PutRuntimeManagementConfigResponse } from "@aws-sdk/client-lambda";
import { functionArn } from "../../base/arn.ts";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html */
export function putRuntimeManagementConfig({
  functions,
}: LambdaDependencies): Operation<PutRuntimeManagementConfigRequest, PutRuntimeManagementConfigResponse> {
  return async (input, context) => {
    const { scope, name, qualifier = "$LATEST" } = namedFunction(context, input.FunctionName, input.Qualifier);
    const config = await functions.runtimeManagement.put(scope, name, qualifier, {
      updateRuntimeOn: input.UpdateRuntimeOn ?? "Auto",
      ...(input.RuntimeVersionArn === undefined ? {} : { runtimeVersionArn: input.RuntimeVersionArn }),
    });
    return {
      UpdateRuntimeOn: config.updateRuntimeOn,
      FunctionArn: functionArn(scope, name, qualifier),
      ...(config.runtimeVersionArn === undefined ? {} : { RuntimeVersionArn: config.runtimeVersionArn }),
    };
  };
}
