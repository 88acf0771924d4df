/** The part of the CloudTrail API that finds records, and hands them out as trails. */
import * as client from "@aws-sdk/client-cloudtrail";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import { createTrail } from "./create-trail.ts";
import { deleteTrail } from "./delete-trail.ts";
import type { CloudTrailDependencies } from "./dependencies.ts";
import { describeTrails } from "./describe-trails.ts";
import { getEventSelectors } from "./get-event-selectors.ts";
import { getTrailStatus } from "./get-trail-status.ts";
import { getTrail } from "./get-trail.ts";
import { listPublicKeys } from "./list-public-keys.ts";
import { listTrails } from "./list-trails.ts";
import { lookupEvents } from "./lookup-events.ts";
import { putEventSelectors } from "./put-event-selectors.ts";
import { startLogging } from "./start-logging.ts";
import { stopLogging } from "./stop-logging.ts";
import { updateTrail } from "./update-trail.ts";

export const cloudTrailOperations = {
  CreateTrail: createTrail,
  DeleteTrail: deleteTrail,
  DescribeTrails: describeTrails,
  GetEventSelectors: getEventSelectors,
  GetTrail: getTrail,
  GetTrailStatus: getTrailStatus,
  ListPublicKeys: listPublicKeys,
  ListTrails: listTrails,
  LookupEvents: lookupEvents,
  PutEventSelectors: putEventSelectors,
  StartLogging: startLogging,
  StopLogging: stopLogging,
  UpdateTrail: updateTrail,
};

/** First element of an operation's schema in the SDK's clients. */
const OPERATION = 9;

/** `constraints`: the wire's table for the service `cloudtrail`. */
export function cloudTrailService({
  constraints,
  ...dependencies
}: CloudTrailDependencies & { constraints: unknown }): ServiceDefinition {
  return {
    name: "cloudtrail",
    protocol: "aws-json",
    target: "CloudTrail_20131101",
    schemas: Object.values(client).filter((value) => Array.isArray(value) && value[0] === OPERATION),
    operations: Object.fromEntries(
      Object.entries(cloudTrailOperations).map(([name, create]) => [name, create(dependencies) as Operation]),
    ),
    constraints,
  };
}
