/**
 * Event source mappings: what the rest of Kiln may ask of them. Members of settings have AWS's names. A mapping belongs
 * to an account and a region, not to its function: as on AWS it stays when the function is deleted.
 */
import type {
  CreateEventSourceMappingRequest,
  ListEventSourceMappingsRequest,
  UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import type { Scope } from "../../base/scope.ts";

/** What a mapping reads from. */
export type SourceKind = "sqs" | "kinesis" | "dynamodb" | "managed-kafka" | "self-managed-kafka" | "mq" | "documentdb";

/** All that a request says of the source and of how it is read. */
export type MappingSettings = Omit<
  CreateEventSourceMappingRequest,
  "FunctionName" | "Enabled" | "Tags" | "StartingPositionTimestamp"
> & {
  /** ms since the epoch. */
  StartingPositionTimestamp?: number;
};

export interface TargetFunction {
  name: string;
  /** As the caller wrote it: shown in the mapping's FunctionArn. */
  qualifier?: string;
}

/** One mapping as it is stored. */
export interface MappingDocument {
  uuid: string;
  kind: SourceKind;
  target: TargetFunction;
  /** Complete with AWS's defaults. */
  settings: MappingSettings;
  /** What its owner wants. */
  enabled: boolean;
  tags: Record<string, string>;
  /** ms since the epoch. */
  lastModified: number;
}

/** A mapping, with the state that the caller is shown at this moment. */
export interface MappingView {
  mapping: MappingDocument;
  state: "Creating" | "Enabling" | "Enabled" | "Disabling" | "Disabled" | "Updating" | "Deleting";
  stateTransitionReason: string;
  /** What came of the last records; absent when there were none yet. */
  lastResult?: string;
}

export interface MappingListing {
  items: MappingView[];
  /** Opaque; pass as `after` to go on. Absent on the last page. */
  next?: string;
}

export interface MappingFilter extends Pick<ListEventSourceMappingsRequest, "EventSourceArn"> {
  /** Mappings of exactly this function: with a qualifier, those of that version or alias. */
  target?: TargetFunction;
}

/** A mapping as pollers need to know it. */
export interface MappedSource {
  scope: Scope;
  uuid: string;
  kind: SourceKind;
  functionName: string;
  qualifier?: string;
  settings: MappingSettings;
  enabled: boolean;
}

export interface MappingFeed {
  all(): AsyncIterable<MappedSource>;
  /** Changes from now on, `undefined` for a mapping that is gone, until the returned function is called. */
  watch(listener: (uuid: string, mapping: MappedSource | undefined) => void): () => void;
}

/** Is the source there, and fit for a function with this timeout. Throws ServiceError as AWS does. */
export type CheckSource = (kind: SourceKind, arn: string, timeoutSeconds: number) => Promise<void>;

/** What came of the last records of a mapping, in AWS's words; undefined when there were none. */
export type LastResult = (scope: Scope, uuid: string) => Promise<string | undefined>;

/** Everything throws ServiceError with AWS's code and message. */
export interface Mappings {
  readonly feed: MappingFeed;
  create(scope: Scope, target: TargetFunction, request: CreateEventSourceMappingRequest): Promise<MappingView>;
  get(scope: Scope, uuid: string): Promise<MappingView>;
  list(scope: Scope, filter: MappingFilter, options: { limit: number; after?: string }): Promise<MappingListing>;
  /** `target` only where the request names a function. */
  update(
    scope: Scope,
    uuid: string,
    request: UpdateEventSourceMappingRequest,
    target: TargetFunction | undefined,
  ): Promise<MappingView>;
  remove(scope: Scope, uuid: string): Promise<MappingView>;
}
