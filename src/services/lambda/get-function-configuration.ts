import type { FunctionConfiguration, GetFunctionConfigurationRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedFunction } from "./names.ts";
import { configuration } from "./shapes.ts";
import { shown } from "./variables.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
export function getFunctionConfiguration({
  functions,
  variables,
}: LambdaDependencies): Operation<GetFunctionConfigurationRequest, FunctionConfiguration> {
  return async (input, context) => {
    const { scope, name, qualifier } = namedFunction(context, input.FunctionName, input.Qualifier);
    const view = await functions.get(scope, name, qualifier);
    return configuration(scope, await shown(variables, context, scope, view), qualifier);
  };
}
