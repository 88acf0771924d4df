import type { CreateCodeSigningConfigRequest, CreateCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import { codeSigningConfig } from "./code-signing-shape.ts";
import type { LambdaDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateCodeSigningConfig.html */
export function createCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<CreateCodeSigningConfigRequest, CreateCodeSigningConfigResponse> {
  return async (input, { caller }) => ({
    CodeSigningConfig: codeSigningConfig(caller, await functions.codeSigning.create(caller, input)),
  });
}
