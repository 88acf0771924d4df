import type { FunctionConfiguration, UpdateFunctionCodeRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";
import { changed } from "./shapes.ts";
import { shown } from "./variables.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html */
export function updateFunctionCode({
  functions,
  variables,
}: LambdaDependencies): Operation<UpdateFunctionCodeRequest, FunctionConfiguration> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const { SourceKMSKeyArn: key } = input;
    if (key) await variables.requireCodeUse(context, scope, name, key);
    const view = await functions.updateCode(scope, name, input);
    return changed(scope, await shown(variables, context, scope, view));
  };
}
