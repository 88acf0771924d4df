/** Selectors of a trail between their shape and what is kept. */
import type { EventSelector as SelectorShape } from "@aws-sdk/client-cloudtrail";
import type { Trail } from "../../security/contract.ts";
import { invalid } from "./errors.ts";

type Selector = Trail["selectors"][number];

const dataTypes = new Set(["AWS::Lambda::Function", "AWS::SQS::Queue"]);

/** Throws ServiceError InvalidEventSelectorsException. */
export function readSelectors(shapes: readonly SelectorShape[], recordsDataEvents: boolean): Selector[] {
  if (shapes.length === 0 || shapes.length > 5) throw refused("A trail has 1 to 5 event selectors.");
  return shapes.map((shape) => {
    const readWriteType = shape.ReadWriteType ?? "All";
    if (!["All", "ReadOnly", "WriteOnly"].includes(readWriteType)) throw refused(`There is no ${readWriteType}.`);
    const dataResources = (shape.DataResources ?? []).map(({ Type: type = "", Values: values = [] }) => {
      if (!dataTypes.has(type)) throw refused(`Kiln has no data events of ${type}.`);
      if (!recordsDataEvents) throw refused("Data events are not recorded: start Kiln with KILN_AUDIT_DATA_EVENTS=on.");
      return { type, values };
    });
    const excludeManagementEventSources = shape.ExcludeManagementEventSources ?? [];
    const includeManagementEvents = shape.IncludeManagementEvents ?? true;
    return { readWriteType, includeManagementEvents, dataResources, excludeManagementEventSources };
  });
}

export function selectorShape(selector: Selector): SelectorShape {
  return {
    ReadWriteType: selector.readWriteType,
    IncludeManagementEvents: selector.includeManagementEvents,
    DataResources: selector.dataResources.map(({ type, values }) => ({ Type: type, Values: [...values] })),
    ExcludeManagementEventSources: [...selector.excludeManagementEventSources],
  };
}

function refused(message: string): Error {
  return invalid("InvalidEventSelectorsException", message);
}
