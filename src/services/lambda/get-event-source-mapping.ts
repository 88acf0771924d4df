import type { GetEventSourceMappingRequest, EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { mappingConfiguration } from "./mapping-shape.ts";
import { callerScope } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
export function getEventSourceMapping({
  functions,
}: LambdaDependencies): Operation<GetEventSourceMappingRequest, EventSourceMappingConfiguration> {
  return async (input, context) => {
    const scope = callerScope(context);
    return mappingConfiguration(scope, await functions.mappings.get(scope, input.UUID ?? ""));
  };
}
