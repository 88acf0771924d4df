import type { PutFunctionCodeSigningConfigRequest, PutFunctionCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { namedWholeFunction } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionCodeSigningConfig.html */
export function putFunctionCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<PutFunctionCodeSigningConfigRequest, PutFunctionCodeSigningConfigResponse> {
  return async (input, context) => {
    const { scope, name } = namedWholeFunction(context, input.FunctionName);
    await functions.codeSigning.attach(scope, name, input.CodeSigningConfigArn ?? "");
    return { CodeSigningConfigArn: input.CodeSigningConfigArn, FunctionName: name };
  };
}
