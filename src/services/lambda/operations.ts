/** Every operation of the Lambda API that is built. */
import { addLayerVersionPermission } from "./add-layer-version-permission.ts";
import { createAlias } from "./create-alias.ts";
import { createEventSourceMapping } from "./create-event-source-mapping.ts";
import { createFunction } from "./create-function.ts";
import { createFunctionUrlConfig } from "./create-function-url-config.ts";
import { deleteAlias } from "./delete-alias.ts";
import { deleteEventSourceMapping } from "./delete-event-source-mapping.ts";
import { deleteFunction } from "./delete-function.ts";
import { deleteFunctionUrlConfig } from "./delete-function-url-config.ts";
import { deleteLayerVersion } from "./delete-layer-version.ts";
import { getAccountSettings } from "./get-account-settings.ts";
import { getAlias } from "./get-alias.ts";
import { getEventSourceMapping } from "./get-event-source-mapping.ts";
import { getFunction } from "./get-function.ts";
import { getFunctionConfiguration } from "./get-function-configuration.ts";
import { getFunctionUrlConfig } from "./get-function-url-config.ts";
import { getLayerVersion } from "./get-layer-version.ts";
import { getLayerVersionByArn } from "./get-layer-version-by-arn.ts";
import { getLayerVersionPolicy } from "./get-layer-version-policy.ts";
import { invoke } from "./invoke.ts";
import { listAliases } from "./list-aliases.ts";
import { listEventSourceMappings } from "./list-event-source-mappings.ts";
import { listFunctionUrlConfigs } from "./list-function-url-configs.ts";
import { listFunctions } from "./list-functions.ts";
import { listLayerVersions } from "./list-layer-versions.ts";
import { listLayers } from "./list-layers.ts";
import { listVersionsByFunction } from "./list-versions-by-function.ts";
import { publishLayerVersion } from "./publish-layer-version.ts";
import { publishVersion } from "./publish-version.ts";
import { removeLayerVersionPermission } from "./remove-layer-version-permission.ts";
import { updateAlias } from "./update-alias.ts";
import { updateEventSourceMapping } from "./update-event-source-mapping.ts";
import { updateFunctionCode } from "./update-function-code.ts";
import { updateFunctionConfiguration } from "./update-function-configuration.ts";
import { updateFunctionUrlConfig } from "./update-function-url-config.ts";

/** By AWS's name: what makes each from the dependencies. */
export const lambdaOperations = {
  AddLayerVersionPermission: addLayerVersionPermission,
  CreateAlias: createAlias,
  CreateEventSourceMapping: createEventSourceMapping,
  CreateFunction: createFunction,
  CreateFunctionUrlConfig: createFunctionUrlConfig,
  DeleteAlias: deleteAlias,
  DeleteEventSourceMapping: deleteEventSourceMapping,
  DeleteFunction: deleteFunction,
  DeleteFunctionUrlConfig: deleteFunctionUrlConfig,
  DeleteLayerVersion: deleteLayerVersion,
  GetAccountSettings: getAccountSettings,
  GetAlias: getAlias,
  GetEventSourceMapping: getEventSourceMapping,
  GetFunction: getFunction,
  GetFunctionConfiguration: getFunctionConfiguration,
  GetFunctionUrlConfig: getFunctionUrlConfig,
  GetLayerVersion: getLayerVersion,
  GetLayerVersionByArn: getLayerVersionByArn,
  GetLayerVersionPolicy: getLayerVersionPolicy,
  Invoke: invoke,
  ListAliases: listAliases,
  ListEventSourceMappings: listEventSourceMappings,
  ListFunctionUrlConfigs: listFunctionUrlConfigs,
  ListFunctions: listFunctions,
  ListLayerVersions: listLayerVersions,
  ListLayers: listLayers,
  ListVersionsByFunction: listVersionsByFunction,
  PublishLayerVersion: publishLayerVersion,
  PublishVersion: publishVersion,
  RemoveLayerVersionPermission: removeLayerVersionPermission,
  UpdateAlias: updateAlias,
  UpdateEventSourceMapping: updateEventSourceMapping,
  UpdateFunctionCode: updateFunctionCode,
  UpdateFunctionConfiguration: updateFunctionConfiguration,
  UpdateFunctionUrlConfig: updateFunctionUrlConfig,
} as const;
