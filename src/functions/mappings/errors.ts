/** The errors of event source mappings, in AWS's words where they are known. */
import { eventSourceMappingArn, functionArn } from "../../base/arn.ts";
import { ServiceError } from "../../base/errors.ts";
import type { Scope } from "../../base/scope.ts";
import { invalidParameter } from "../errors.ts";
import type { MappingDocument, MappingSettings, SourceKind, TargetFunction } from "./contract.ts";

export function mappingNotFound(): ServiceError {
  return new ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", { status: 404 });
}

/** Operations on tags say it in another way. */
export function taggedMappingNotFound(scope: Scope, uuid: string): ServiceError {
  return new ServiceError(
    "ResourceNotFoundException",
    `Event source mapping not found: ${eventSourceMappingArn(scope, uuid)}`,
    { status: 404 },
  );
}

/** Somebody else is changing the mapping all the time. */
export function mappingInUse(): ServiceError {
  return new ServiceError("ResourceInUseException", "Cannot update the event source mapping because it is in use.", {
    status: 400,
  });
}

export function unknownSource(): ServiceError {
  return invalidParameter("Unrecognized event source.");
}

export function unknownTarget(): ServiceError {
  return invalidParameter("Function does not exist");
}

/** A member that this kind of source does not have; `path` as in the request, `MetricsConfig.Metrics`. */
export function unsupportedMember(kind: SourceKind, path: string): ServiceError {
  if (kind === "sqs" && path.startsWith("StartingPosition")) {
    return invalidParameter(`${path} is not valid for SQS event sources.`);
  }
  // AWS puts this one down without quotation marks.
  const shown = path === "DestinationConfig" ? path : `'${lowerFirst(path)}'`;
  return invalidParameter(`Unsupported ${shown} parameter for given event source mapping type.`);
}

export function missingMember(path: string): ServiceError {
  return invalidParameter(`Required '${lowerFirst(path)}' parameter is missing.`);
}

/** The same source and function twice. */
export function duplicate(
  scope: Scope,
  kind: SourceKind,
  settings: MappingSettings,
  target: TargetFunction,
  uuid: MappingDocument["uuid"],
): ServiceError {
  const remedy = `already exists. Please update or delete the existing mapping with UUID ${uuid}`;
  return new ServiceError("ResourceConflictException", `${duplicated(scope, kind, settings, target)} ${remedy}`, {
    status: 409,
  });
}

function duplicated(scope: Scope, kind: SourceKind, settings: MappingSettings, target: TargetFunction): string {
  const { EventSourceArn: arn = "", Topics: topics, Queues: queues } = settings;
  const servers = settings.SelfManagedEventSource?.Endpoints?.KAFKA_BOOTSTRAP_SERVERS ?? [];
  const name = `function ("${functionArn(scope, target.name, target.qualifier)}")`;
  switch (kind) {
    case "sqs":
      return `An event source mapping with SQS arn (" ${arn} ") and function (" ${target.name} ")`;
    case "self-managed-kafka":
      return `An event source mapping with event source ("${servers.join(",")}"), ${name}, topics ("${topics?.join(",")}")`;
    case "managed-kafka":
      return `An event source mapping with event source ("${arn}"), ${name}, topics ("${topics?.join(",")}")`;
    case "mq":
      return `An event source mapping with event source ("${arn}"), ${name}, queues ("${queues?.join(",")}")`;
    case "kinesis":
    case "dynamodb":
    case "documentdb":
      return `The event source arn (" ${arn} ") and function (" ${target.name} ") provided mapping`;
  }
}

function lowerFirst(path: string): string {
  return path
    .split(".")
    .map((part) => `${part.slice(0, 1).toLowerCase()}${part.slice(1)}`)
    .join(".");
}
