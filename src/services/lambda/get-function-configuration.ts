import type { FunctionConfiguration, GetFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";
import { configuration } from "./shapes.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export function getFunctionConfiguration({
  functions,
}: LambdaDependencies): Operation<GetFunctionConfigurationRequest, FunctionConfiguration> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    return configuration(scope, await functions.get(scope, name, qualifier), qualifier);
  };
}
