import type { DeleteEventSourceMappingRequest, EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { mappingConfiguration } from "./mapping-shape.ts";
import { callerScope } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_DeleteEventSourceMapping.html */
export function deleteEventSourceMapping({
  functions,
}: LambdaDependencies): Operation<DeleteEventSourceMappingRequest, EventSourceMappingConfiguration> {
  return async (input, context) => {
    const scope = callerScope(context);
    return mappingConfiguration(scope, await functions.mappings.remove(scope, input.UUID ?? ""));
  };
}
