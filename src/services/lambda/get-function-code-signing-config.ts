import type { GetFunctionCodeSigningConfigRequest, GetFunctionCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionCodeSigningConfig.html */
export function getFunctionCodeSigningConfig({ functions }: LambdaDependencies): Operation<
  GetFunctionCodeSigningConfigRequest,
  // AWS answers with an empty object where the function has none.
  GetFunctionCodeSigningConfigResponse | Record<string, never>
> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    const arn = await functions.codeSigning.attached(scope, name);
    return arn === undefined ? {} : { CodeSigningConfigArn: arn, FunctionName: name };
  };
}
