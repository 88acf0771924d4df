import type { UpdateCodeSigningConfigRequest, UpdateCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { codeSigningConfig } from "./code-signing-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateCodeSigningConfig.html */
export function updateCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<UpdateCodeSigningConfigRequest, UpdateCodeSigningConfigResponse> {
  return async ({ CodeSigningConfigArn: arn = "", ...change }, { caller }) => ({
    CodeSigningConfig: codeSigningConfig(caller, await functions.codeSigning.update(caller, arn, change)),
  });
}
