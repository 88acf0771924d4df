import type { ListEventSourceMappingsRequest, ListEventSourceMappingsResponse } from "@aws-sdk/client-lambda";
import type { Operation } from "../../wire/contract.ts";
import type { LambdaDependencies } from "./dependencies.ts";
import { mappingConfiguration } from "./mapping-shape.ts";
import { listOptions, toMarker } from "./markers.ts";
import { callerScope, namedTarget } from "./names.ts";

/** AWS answers with at most 100 items, whatever `MaxItems` says. */
const PAGE = 100;

/** https://docs.aws.amazon.com/lambda/latest/api/API_ListEventSourceMappings.html */
export function listEventSourceMappings({
  functions,
}: LambdaDependencies): Operation<ListEventSourceMappingsRequest, ListEventSourceMappingsResponse> {
  return async (input, context) => {
    const scope = callerScope(context);
    const filter = {
      ...(input.EventSourceArn === undefined ? {} : { EventSourceArn: input.EventSourceArn }),
      ...(input.FunctionName === undefined ? {} : { target: namedTarget(context, input.FunctionName) }),
    };
    const { items, next } = await functions.mappings.list(scope, filter, listOptions(input, PAGE));
    return {
      EventSourceMappings: items.map((view) => mappingConfiguration(scope, view)),
      ...(next === undefined ? {} : { NextMarker: toMarker(next) }),
    };
  };
}
