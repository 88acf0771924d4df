/** Every operation of the Lambda API that is built. */
import { createFunction } from "./create-function.ts";
import { deleteFunction } from "./delete-function.ts";
import { getAccountSettings } from "./get-account-settings.ts";
import { getFunction } from "./get-function.ts";
import { getFunctionConfiguration } from "./get-function-configuration.ts";
import { invoke } from "./invoke.ts";
import { listFunctions } from "./list-functions.ts";
import { listVersionsByFunction } from "./list-versions-by-function.ts";
import { publishVersion } from "./publish-version.ts";
import { updateFunctionCode } from "./update-function-code.ts";
import { updateFunctionConfiguration } from "./update-function-configuration.ts";

/** By AWS's name: what makes each from the dependencies. */
export const lambdaOperations = {
  CreateFunction: createFunction,
  DeleteFunction: deleteFunction,
  GetAccountSettings: getAccountSettings,
  GetFunction: getFunction,
  GetFunctionConfiguration: getFunctionConfiguration,
  Invoke: invoke,
  ListFunctions: listFunctions,
  ListVersionsByFunction: listVersionsByFunction,
  PublishVersion: publishVersion,
  UpdateFunctionCode: updateFunctionCode,
  UpdateFunctionConfiguration: updateFunctionConfiguration,
} as const;
