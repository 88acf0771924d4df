import type { UpdateEventSourceMappingRequest, EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { mappingConfiguration } from "./mapping-shape.ts";
import { callerScope, namedTarget } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html */
export function updateEventSourceMapping({
  functions,
}: LambdaDependencies): Operation<UpdateEventSourceMappingRequest, EventSourceMappingConfiguration> {
  return async (input, context) => {
    const scope = callerScope(context);
    const target = input.FunctionName === undefined ? undefined : namedTarget(context, input.FunctionName);
    return mappingConfiguration(scope, await functions.mappings.update(scope, input.UUID ?? "", input, target));
  };
}
