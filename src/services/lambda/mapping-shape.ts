/** Event source mappings as the API shows them. */
import type { EventSourceMappingConfiguration } from "@aws-sdk/client-lambda";
import { eventSourceMappingArn, functionArn } from "../../base/arn.ts";
import type { Scope } from "../../base/scope.ts";
import type { MappingView } from "../../functions/mappings/contract.ts";

export function mappingConfiguration(scope: Scope, view: MappingView): EventSourceMappingConfiguration {
  const { uuid, kind, target, lastModified, settings } = view.mapping;
  const { StartingPositionTimestamp: from, ...rest } = settings;
  return {
    ...rest,
    ...(from === undefined ? {} : { StartingPositionTimestamp: new Date(from) }),
    UUID: uuid,
    EventSourceMappingArn: eventSourceMappingArn(scope, uuid),
    FunctionArn: functionArn(scope, target.name, target.qualifier),
    LastModified: new Date(lastModified),
    State: view.state,
    StateTransitionReason: view.stateTransitionReason,
    // AWS has no such thing for queues of SQS.
    ...(kind === "sqs" ? {} : { LastProcessingResult: view.lastResult ?? "No records processed" }),
  };
}
