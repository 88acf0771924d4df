/** Every operation of the Lambda API that is built. */
import { createAlias } from "./create-alias.ts";
import { createEventSourceMapping } from "./create-event-source-mapping.ts";
import { createFunctionUrlConfig } from "./create-function-url-config.ts";
import { createFunction } from "./create-function.ts";
import { deleteAlias } from "./delete-alias.ts";
import { deleteEventSourceMapping } from "./delete-event-source-mapping.ts";
import { deleteFunctionUrlConfig } from "./delete-function-url-config.ts";
import { deleteFunction } from "./delete-function.ts";
import { getAccountSettings } from "./get-account-settings.ts";
import { getAlias } from "./get-alias.ts";
import { getEventSourceMapping } from "./get-event-source-mapping.ts";
import { getFunctionConfiguration } from "./get-function-configuration.ts";
import { getFunctionUrlConfig } from "./get-function-url-config.ts";
import { getFunction } from "./get-function.ts";
import { invoke } from "./invoke.ts";
import { listAliases } from "./list-aliases.ts";
import { listEventSourceMappings } from "./list-event-source-mappings.ts";
import { listFunctionUrlConfigs } from "./list-function-url-configs.ts";
import { listFunctions } from "./list-functions.ts";
import { listVersionsByFunction } from "./list-versions-by-function.ts";
import { publishVersion } from "./publish-version.ts";
import { updateAlias } from "./update-alias.ts";
import { updateEventSourceMapping } from "./update-event-source-mapping.ts";
import { updateFunctionCode } from "./update-function-code.ts";
import { updateFunctionConfiguration } from "./update-function-configuration.ts";
import { updateFunctionUrlConfig } from "./update-function-url-config.ts";

/** By AWS's name: what makes each from the dependencies. */
export const lambdaOperations = {
  CreateAlias: createAlias,
  CreateEventSourceMapping: createEventSourceMapping,
  CreateFunction: createFunction,
  CreateFunctionUrlConfig: createFunctionUrlConfig,
  DeleteAlias: deleteAlias,
  DeleteEventSourceMapping: deleteEventSourceMapping,
  DeleteFunction: deleteFunction,
  DeleteFunctionUrlConfig: deleteFunctionUrlConfig,
  GetAccountSettings: getAccountSettings,
  GetAlias: getAlias,
  GetEventSourceMapping: getEventSourceMapping,
  GetFunction: getFunction,
  GetFunctionConfiguration: getFunctionConfiguration,
  GetFunctionUrlConfig: getFunctionUrlConfig,
  Invoke: invoke,
  ListAliases: listAliases,
  ListEventSourceMappings: listEventSourceMappings,
  ListFunctionUrlConfigs: listFunctionUrlConfigs,
  ListFunctions: listFunctions,
  ListVersionsByFunction: listVersionsByFunction,
  PublishVersion: publishVersion,
  UpdateAlias: updateAlias,
  UpdateEventSourceMapping: updateEventSourceMapping,
  UpdateFunctionCode: updateFunctionCode,
  UpdateFunctionConfiguration: updateFunctionConfiguration,
  UpdateFunctionUrlConfig: updateFunctionUrlConfig,
} as const;
