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

/** On `node:diagnostics_channel` under this name: every batch that a poller has handled. */
export const SOURCE_CHANNEL = "kiln:source";

export interface SourceEvent {
  account: string;
  region: string;
  uuid: string;
  functionName: string;
  /** `failed`: records stay where they are, and come again. */
  outcome: "success" | "partial" | "failed" | "throttled";
  polled: number;
  filtered: number;
  deleted: number;
}
