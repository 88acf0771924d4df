/** From requests to complete settings of a mapping: defaults of its source, and partial changes. */
import type { CreateEventSourceMappingRequest, UpdateEventSourceMappingRequest } from "@aws-sdk/client-lambda";
import { checkMembers, checkSettings, isShared, sourceKind } from "./check.ts";
import type { MappingDocument, MappingSettings, SourceKind } from "./contract.ts";
import { unsupportedMember } from "./errors.ts";
import { isKafka, sources } from "./sources.ts";

/** Throws ServiceError with AWS's messages. `uuid` names the consumer group of a Kafka mapping that names none. */
export function newSettings(
  uuid: string,
  request: CreateEventSourceMappingRequest,
  now: number,
): { kind: SourceKind; settings: MappingSettings } {
  const { FunctionName: _name, Enabled: _enabled, Tags: _tags, StartingPositionTimestamp: from, ...rest } = request;
  const asked: MappingSettings = rest;
  if (from !== undefined) asked.StartingPositionTimestamp = from.getTime();
  const kind = sourceKind(asked);
  checkMembers(kind, asked);
  const settings = tidied(kind, { ...defaultsOf(kind, asked), ...present(asked) });
  if (isKafka(kind)) nameConsumerGroup(kind, settings, uuid);
  checkSettings(kind, settings, now);
  return { kind, settings };
}

/** Members that the request leaves out stay as they are. */
export function changedSettings(
  mapping: MappingDocument,
  request: UpdateEventSourceMappingRequest,
  now: number,
): MappingSettings {
  const { UUID: _uuid, FunctionName: _name, Enabled: _enabled, ...asked } = request;
  const { kind, settings: current } = mapping;
  checkMembers(kind, asked);
  refuseFixed(kind, asked);
  const settings = tidied(kind, { ...current, ...present(asked), ...mergedBlocks(current, asked) });
  // A moment in the past stays in the past: only the request is new.
  checkSettings(kind, settings, Math.max(now, settings.StartingPositionTimestamp ?? 0));
  return settings;
}

function defaultsOf(kind: SourceKind, asked: MappingSettings): MappingSettings {
  const { defaults, defaultPosition } = sources[kind];
  return defaultPosition === undefined || isShared(asked)
    ? defaults
    : { ...defaults, StartingPosition: defaultPosition };
}

/** What AWS fixes when a mapping is made; it refuses these also where the value stays the same. */
function refuseFixed(kind: SourceKind, asked: MappingSettings): void {
  for (const block of ["AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"] as const) {
    const config = asked[block];
    if (config?.ConsumerGroupId !== undefined) throw unsupportedMember(kind, `${block}.ConsumerGroupId`);
    if (config && "ConsumptionMode" in config && config.ConsumptionMode !== undefined) {
      throw unsupportedMember(kind, `${block}.ConsumptionMode`);
    }
  }
  if (asked.SourceAccessConfigurations?.some(({ Type }) => Type === "VIRTUAL_HOST")) {
    throw unsupportedMember(kind, "SourceAccessConfigurations.VIRTUAL_HOST");
  }
}

/** Blocks of which a change may name a part. */
function mergedBlocks(current: MappingSettings, asked: MappingSettings): MappingSettings {
  const merged: MappingSettings = {};
  if (asked.AmazonManagedKafkaEventSourceConfig) {
    merged.AmazonManagedKafkaEventSourceConfig = {
      ...current.AmazonManagedKafkaEventSourceConfig,
      ...asked.AmazonManagedKafkaEventSourceConfig,
    };
  }
  if (asked.SelfManagedKafkaEventSourceConfig) {
    merged.SelfManagedKafkaEventSourceConfig = {
      ...current.SelfManagedKafkaEventSourceConfig,
      ...asked.SelfManagedKafkaEventSourceConfig,
    };
  }
  if (asked.DocumentDBEventSourceConfig) {
    merged.DocumentDBEventSourceConfig = {
      ...current.DocumentDBEventSourceConfig,
      ...asked.DocumentDBEventSourceConfig,
    };
  }
  if (asked.SourceAccessConfigurations) {
    // The virtual host of a broker cannot be named in a change, and stays.
    const fixed = current.SourceAccessConfigurations?.filter(({ Type }) => Type === "VIRTUAL_HOST") ?? [];
    merged.SourceAccessConfigurations = [...asked.SourceAccessConfigurations, ...fixed];
  }
  return merged;
}

/** Settings as AWS shows them: a block without content is a block that is gone. */
function tidied(kind: SourceKind, settings: MappingSettings): MappingSettings {
  const tidy = { ...settings };
  if (!tidy.FilterCriteria?.Filters?.length) delete tidy.FilterCriteria;
  if (!tidy.KMSKeyArn) delete tidy.KMSKeyArn;
  if (tidy.ScalingConfig?.MaximumConcurrency === undefined) delete tidy.ScalingConfig;
  if (!tidy.MetricsConfig?.Metrics?.length) delete tidy.MetricsConfig;
  if (tidy.LoggingConfig?.SystemLogLevel === undefined) delete tidy.LoggingConfig;
  if (Object.keys(tidy.ProvisionedPollerConfig ?? {}).length === 0) delete tidy.ProvisionedPollerConfig;
  for (const block of ["AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"] as const) {
    const config = tidy[block];
    if (!config?.SchemaRegistryConfig || Object.keys(config.SchemaRegistryConfig).length > 0) continue;
    const { SchemaRegistryConfig: _gone, ...rest } = config;
    tidy[block] = rest;
  }
  if (tidy.DestinationConfig && !tidy.DestinationConfig.OnFailure?.Destination) {
    if (isKafka(kind)) delete tidy.DestinationConfig;
    else tidy.DestinationConfig = { OnFailure: {} };
  }
  if (tidy.DocumentDBEventSourceConfig) {
    tidy.DocumentDBEventSourceConfig = { FullDocument: "Default", ...tidy.DocumentDBEventSourceConfig };
  }
  return tidy;
}

/** AWS takes the mapping's UUID where the caller names no group. */
function nameConsumerGroup(kind: SourceKind, settings: MappingSettings, uuid: string): void {
  const block = kind === "managed-kafka" ? "AmazonManagedKafkaEventSourceConfig" : "SelfManagedKafkaEventSourceConfig";
  settings[block] = { ConsumerGroupId: uuid, ...settings[block] };
}

function present(settings: MappingSettings): MappingSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
