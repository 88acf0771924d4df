import type { DeleteCodeSigningConfigRequest, DeleteCodeSigningConfigResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteCodeSigningConfig.html */
export function deleteCodeSigningConfig({
  functions,
}: LambdaDependencies): Operation<DeleteCodeSigningConfigRequest, DeleteCodeSigningConfigResponse> {
  return async (input, { caller }) => {
    await functions.codeSigning.remove(caller, input.CodeSigningConfigArn ?? "");
    return {};
  };
}
