/** Function logs as they are kept and read. Writing: LogSink in worker/contract.ts. */
import type { Scope } from "../base/scope.ts";

export interface LogEvent {
  /** ms since the epoch. */
  timestamp: number;
  /** ms since the epoch. */
  ingestionTime: number;
  message: string;
  stream: string;
  /** Orders events within a group; opaque. */
  id: string;
}

export interface LogQuery {
  group: string;
  /** Only these streams. */
  streams?: readonly string[];
  streamPrefix?: string;
  /** ms since the epoch, inclusive. */
  start?: number;
  /** ms since the epoch, exclusive. */
  end?: number;
  limit: number;
  /** Stop after about this many bytes of messages; at least one event is given if there is any. Default: no bound. */
  maxBytes?: number;
  /** `next` of the previous answer, or the id of an event: go on behind it, in this query's direction. */
  after?: string;
  /** Newest first. */
  backwards?: boolean;
}

export interface LogGroupInfo {
  name: string;
  /** ms since the epoch. */
  createdAt: number;
  storedBytes: number;
}

export interface LogStreamInfo {
  name: string;
  /** Timestamp of its first event that is still kept, ms since the epoch. */
  createdAt: number;
  /** ms since the epoch. */
  lastEventAt: number;
  storedBytes: number;
}

/** Everything written before a call is in its answer. */
export interface LogReader {
  /** By name; only groups whose name starts with `prefix`. */
  groups(scope: Scope, prefix: string): Promise<LogGroupInfo[]>;
  /** By name; undefined when there is no such group. */
  streams(scope: Scope, group: string): Promise<LogStreamInfo[] | undefined>;
  /**
   * Events in the order in which they arrived; undefined when there is no such group. `next` is there when the limits
   * stopped it, absent at the end.
   */
  events(scope: Scope, query: LogQuery): Promise<{ events: LogEvent[]; next?: string } | undefined>;
  /** False when there was none. */
  deleteGroup(scope: Scope, group: string): Promise<boolean>;
}
