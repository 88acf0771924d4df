/** Rules of AWS that go beyond single members: what a source requires, and what does not go together. */
import { ServiceError } from "../../base/errors.ts";
import { invalidParameter } from "../errors.ts";
import type { MappingSettings, SourceKind } from "./contract.ts";
import { missingMember, unknownSource, unsupportedMember } from "./errors.ts";
import { checkFilters } from "./filters.ts";
import { isKafka, kindOfArn, sources } from "./sources.ts";

const FIFO_BATCH = 10;
/** Largest batch of a queue that is not held back to fill up. */
const BATCH_WITHOUT_WINDOW = 10;
/** Seconds. */
const LEAST_RECORD_AGE = 60;

/** What the settings read from. Throws InvalidParameterValueException. */
export function sourceKind(settings: MappingSettings): SourceKind {
  const { EventSourceArn: arn, SelfManagedEventSource: own } = settings;
  if (own !== undefined) {
    if (arn !== undefined) throw unsupportedMember("self-managed-kafka", "EventSourceArn");
    return "self-managed-kafka";
  }
  const kind = arn === undefined ? undefined : kindOfArn(arn);
  if (kind === undefined) throw unknownSource();
  return kind;
}

/** Refuses members that a request has and the source has not. */
export function checkMembers(kind: SourceKind, asked: MappingSettings): void {
  const { members } = sources[kind];
  for (const [member, value] of Object.entries(asked)) {
    if (value !== undefined && !members.has(member as keyof MappingSettings)) throw unsupportedMember(kind, member);
  }
  if (asked.DestinationConfig?.OnSuccess !== undefined) throw unsupportedMember(kind, "DestinationConfig");
}

/** Checks settings as a whole, of a new mapping or of one that is changed. */
export function checkSettings(kind: SourceKind, settings: MappingSettings, now: number): void {
  for (const member of sources[kind].required) {
    if (!hasContent(settings[member])) throw missingMember(member);
  }
  checkPosition(kind, settings, now);
  checkBatch(kind, settings);
  if (settings.FilterCriteria) checkFilters(settings.FilterCriteria);
  checkRetries(settings);
  checkAccess(kind, settings);
  checkPollers(kind, settings);
  checkKafka(kind, settings);
  if (kind === "documentdb" && !settings.DocumentDBEventSourceConfig?.DatabaseName) {
    throw missingMember("DocumentDBEventSourceConfig.DatabaseName");
  }
}

function checkPosition(kind: SourceKind, settings: MappingSettings, now: number): void {
  const { positions } = sources[kind];
  const { StartingPosition: position, StartingPositionTimestamp: timestamp } = settings;
  if (positions.length === 0 || isShared(settings)) return;
  if (position === undefined) {
    throw invalidParameter(
      "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
    );
  }
  if (!positions.includes(position)) {
    throw invalidParameter(`Unsupported starting position for arn type: ${settings.EventSourceArn ?? ""}`);
  }
  if (position === "AT_TIMESTAMP" && timestamp === undefined) throw invalidParameter("Need to specify a timestamp");
  if (timestamp !== undefined && timestamp > now) {
    throw invalidParameter("StartingPositionTimestamp cannot be in the future.");
  }
}

function checkBatch(kind: SourceKind, settings: MappingSettings): void {
  if (kind !== "sqs") return;
  const { BatchSize: size = 0, MaximumBatchingWindowInSeconds: window = 0, EventSourceArn: arn = "" } = settings;
  if (arn.endsWith(".fifo")) {
    if (window > 0) throw invalidParameter("Batching window is not supported for FIFO queues");
    if (size > FIFO_BATCH) {
      throw invalidParameter(`Maximum batch size must be between 1 and ${FIFO_BATCH} inclusive`);
    }
  }
  if (size > BATCH_WITHOUT_WINDOW && window === 0) {
    throw invalidParameter(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
    );
  }
}

function checkRetries(settings: MappingSettings): void {
  const { MaximumRecordAgeInSeconds: age = -1 } = settings;
  if (age !== -1 && age < LEAST_RECORD_AGE) {
    throw invalidParameter(
      "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)",
    );
  }
  const { TumblingWindowInSeconds: window = 0, ParallelizationFactor: factor = 1 } = settings;
  if (window > 0 && factor > 1) {
    throw invalidParameter("ParallelizationFactor must be 1 when TumblingWindowInSeconds is greater than 0.");
  }
}

function checkAccess(kind: SourceKind, settings: MappingSettings): void {
  const { accessTypes } = sources[kind];
  for (const { Type: type } of settings.SourceAccessConfigurations ?? []) {
    if (type === undefined || !accessTypes.includes(type)) {
      throw invalidParameter(`The source access type ${type ?? "null"} is not valid for this event source.`);
    }
  }
}

function checkPollers(kind: SourceKind, settings: MappingSettings): void {
  const { ProvisionedPollerConfig: config, ScalingConfig: scaling } = settings;
  const { pollers } = sources[kind];
  if (!config || !pollers) return;
  if (scaling) throw invalidParameter("ProvisionedPollerConfig and ScalingConfig cannot be used together.");
  const { MinimumPollers: least = pollers.minimum.min, MaximumPollers: most = pollers.maximum.max } = config;
  checkRange("minimumPollers", least, pollers.minimum);
  checkRange("maximumPollers", most, pollers.maximum);
  if (least > most) throw invalidParameter("MinimumPollers cannot be greater than MaximumPollers.");
  if (config.PollerGroupName !== undefined && !isKafka(kind)) {
    throw unsupportedMember(kind, "ProvisionedPollerConfig.PollerGroupName");
  }
}

function checkRange(member: string, value: number, { min, max }: { min: number; max: number }): void {
  if (value >= min && value <= max) return;
  const rule = value < min ? `greater than or equal to ${min}` : `less than or equal to ${max}`;
  throw new ServiceError(
    "ValidationException",
    `1 validation error detected: Value '${value}' at 'provisionedPollerConfig.${member}' failed to satisfy constraint: Member must have value ${rule}`,
  );
}

function checkKafka(kind: SourceKind, settings: MappingSettings): void {
  const metrics = settings.MetricsConfig?.Metrics ?? [];
  if (!isKafka(kind)) {
    if (metrics.some((metric) => metric !== "EventCount")) throw unsupportedMember(kind, "MetricsConfig.Metrics");
    return;
  }
  if (isShared(settings)) {
    for (const member of ["StartingPosition", "StartingPositionTimestamp", "MaximumBatchingWindowInSeconds"] as const) {
      if (settings[member] !== undefined) throw unsupportedMember(kind, member);
    }
  }
  const registry = (settings.AmazonManagedKafkaEventSourceConfig ?? settings.SelfManagedKafkaEventSourceConfig)
    ?.SchemaRegistryConfig;
  if (registry && !settings.ProvisionedPollerConfig) {
    throw invalidParameter("SchemaRegistryConfig is only available in provisioned mode: set ProvisionedPollerConfig.");
  }
}

/** Whether a Kafka topic is read through a share group, which has no position. */
export function isShared(settings: MappingSettings): boolean {
  return settings.SelfManagedKafkaEventSourceConfig?.ConsumptionMode === "Queue";
}

function hasContent(value: unknown): boolean {
  if (value === undefined || value === null) return false;
  return Array.isArray(value) ? value.length > 0 : true;
}
