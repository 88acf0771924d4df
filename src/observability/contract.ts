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
  /** Only this stream. */
  stream?: string;
  streamPrefix?: string;
  /** ms since the epoch, inclusive. */
  start?: number;
  /** ms since the epoch, exclusive. */
  end?: number;
  limit: number;
  /** Token of the previous answer. */
  after?: string;
  /** Newest first. */
  backwards?: boolean;
}

export interface LogReader {
  groups(scope: Scope, prefix: string): Promise<{ name: string; createdAt: number; storedBytes: number }[]>;
  streams(scope: Scope, group: string): Promise<{ name: string; createdAt: number; lastEventAt: number; storedBytes: number }[]>;
  events(scope: Scope, query: LogQuery): Promise<{ events: LogEvent[]; next?: string }>;
  deleteGroup(scope: Scope, group: string): Promise<boolean>;
}
