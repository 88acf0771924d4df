/**
 * Event sources: what polls for records and calls functions with them. A source is a folder here; which mapping goes to
 * which source is decided in `manager.ts`.
 */
import type { Scope } from "../base/scope.ts";

/** One event source mapping as a poller needs to know it. */
export interface SourceMapping {
  scope: Scope;
  uuid: string;
  kind: string;
  functionName: string;
  qualifier?: string;
  /** AWS's names; complete with AWS's defaults. */
  settings: SourceSettings;
  enabled: boolean;
}

export interface SourceSettings {
  EventSourceArn?: string | undefined;
  BatchSize?: number | undefined;
  MaximumBatchingWindowInSeconds?: number | undefined;
  FilterCriteria?: { Filters?: { Pattern?: string | undefined }[] | undefined } | undefined;
  FunctionResponseTypes?: readonly string[] | undefined;
  ScalingConfig?: { MaximumConcurrency?: number | undefined } | undefined;
  ProvisionedPollerConfig?: { MinimumPollers?: number | undefined; MaximumPollers?: number | undefined } | undefined;
  MetricsConfig?: { Metrics?: readonly string[] | undefined } | undefined;
  StartingPosition?: string | undefined;
  /** ms since the epoch. */
  StartingPositionTimestamp?: number | undefined;
  ParallelizationFactor?: number | undefined;
  BisectBatchOnFunctionError?: boolean | undefined;
  /** -1: until the records are gone. */
  MaximumRetryAttempts?: number | undefined;
  /** -1: any. */
  MaximumRecordAgeInSeconds?: number | undefined;
  TumblingWindowInSeconds?: number | undefined;
  DestinationConfig?: { OnFailure?: { Destination?: string | undefined } | undefined } | undefined;
}

/** Where mappings come from. */
export interface MappingFeed {
  all(): AsyncIterable<SourceMapping>;
  /** Changes from now on, `undefined` for a mapping that is gone, until the returned function is called. */
  watch(listener: (uuid: string, mapping: SourceMapping | undefined) => void): () => void;
}

/** Polls for one mapping until it is stopped. */
export interface SourcePoller {
  /** Takes no more records; resolves when running calls are settled. */
  stop(): Promise<void>;
}

export type StartPoller = (mapping: SourceMapping) => SourcePoller;

/**
 * On `node:diagnostics_channel` under this name: what mappings do with records, where their `MetricsConfig` asks for it.
 * Names and meanings are AWS's:
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html#event-source-mapping-metrics
 */
export const SOURCE_CHANNEL = "kiln:source";

/** Numbers of records. */
export interface SourceCounts {
  polled?: number;
  filteredOut?: number;
  /** The function was called with them; repetitions count again. */
  invoked?: number;
  /** They came with a call that failed, or is said to have failed for them. */
  failedInvoke?: number;
  /** Given up, and no destination has heard of it. */
  dropped?: number;
  onFailureDestinationDelivered?: number;
  /** From the queue: they are handled, or filtered out. */
  deleted?: number;
}

export interface SourceEvent {
  account: string;
  region: string;
  uuid: string;
  functionName: string;
  counts: SourceCounts;
}
