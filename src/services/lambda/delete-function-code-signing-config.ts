import type { DeleteFunctionCodeSigningConfigRequest } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionCodeSigningConfig.html */
export function deleteFunctionCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<DeleteFunctionCodeSigningConfigRequest, object> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    await functions.codeSigning.detach(scope, name);
    return {};
  };
}
