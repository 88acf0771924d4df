import type { CreateEventSourceMappingRequest, EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { mappingConfiguration } from "./mapping-shape.ts";
import { callerScope, namedTarget } from "./names.ts";

/** https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html */
export function createEventSourceMapping({
  functions,
}: LambdaDependencies): Operation<CreateEventSourceMappingRequest, EventSourceMappingConfiguration> {
  return async (input, context) => {
    const scope = callerScope(context);
    const target = namedTarget(context, input.FunctionName ?? "");
    return mappingConfiguration(scope, await functions.mappings.create(scope, target, input));
  };
}
