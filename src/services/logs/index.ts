/** The part of the CloudWatch Logs API that reads function logs. */
import * as client from "@aws-sdk/client-cloudwatch-logs";
import type { LogReader } from "../../observability/contract.ts";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import { deleteLogGroup } from "./delete-log-group.ts";
import { describeLogGroups } from "./describe-log-groups.ts";
import { describeLogStreams } from "./describe-log-streams.ts";
import { filterLogEvents } from "./filter-log-events.ts";
import { getLogEvents } from "./get-log-events.ts";

const operations = {
  DeleteLogGroup: deleteLogGroup,
  DescribeLogGroups: describeLogGroups,
  DescribeLogStreams: describeLogStreams,
  FilterLogEvents: filterLogEvents,
  GetLogEvents: getLogEvents,
};

/** What answers; every other operation of the service is 501. */
export const implementedLogsOperations: readonly string[] = Object.keys(operations);

/** First element of an operation's schema in the SDK's clients. */
const OPERATION = 9;

/** `constraints`: the wire's table for the service `logs`. */
export function logsService({ logs, constraints = {} }: { logs: LogReader; constraints?: unknown }): ServiceDefinition {
  return {
    name: "logs",
    protocol: "aws-json",
    target: "Logs_20140328",
    schemas: Object.values(client).filter((value) => Array.isArray(value) && value[0] === OPERATION),
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, create]) => [name, create(logs) as Operation]),
    ),
    constraints,
  };
}
