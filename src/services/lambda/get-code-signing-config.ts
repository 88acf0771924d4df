import type { GetCodeSigningConfigRequest, GetCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { codeSigningConfig } from "./code-signing-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetCodeSigningConfig.html */
export function getCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<GetCodeSigningConfigRequest, GetCodeSigningConfigResponse> {
  return async ({ CodeSigningConfigArn: arn = "" }, { caller }) => ({
    CodeSigningConfig: codeSigningConfig(caller, await functions.codeSigning.get(caller, arn)),
  });
}
