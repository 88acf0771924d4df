/** Streams of shards, as their pollers see them: what a service for streams has to offer. Implementations keep no state. */

/** One record, ready for a function. */
export interface StreamRecord {
  sequenceNumber: string;
  /** Records of one key are handled in order. */
  key: string;
  /** ms since the epoch. */
  arrivedAt: number;
  /** As functions get it, JSON text. */
  text: string;
  /** What filter patterns look at. */
  view: Readonly<Record<string, unknown>>;
}

export interface Shard {
  id: string;
  /** Shards that come before it; they may be gone already. */
  parents: readonly string[];
  /** It gets no more records. */
  closed: boolean;
}

/** Where reading a shard starts; `at` in ms since the epoch. */
export type Position =
  | { from: "oldest" }
  /** What comes from `at` on: the moment at which that was decided. */
  | { from: "latest"; at: number }
  | { from: "time"; at: number }
  | { from: "after"; sequenceNumber: string };

export interface ReadRecords {
  records: StreamRecord[];
  /** Absent at the end of a closed shard. */
  next?: string | undefined;
}

/** One stream. Everything throws the errors of its official client. */
export interface StreamReader {
  /** All shards that still have records or may get some. */
  shards(signal: AbortSignal): Promise<Shard[]>;
  /** `fresh`: a position `latest` has just been decided, so that nothing is missed by reading from the very end. */
  iterator(shardId: string, position: Position, fresh: boolean, signal: AbortSignal): Promise<string | undefined>;
  read(shardId: string, iterator: string, limit: number, signal: AbortSignal): Promise<ReadRecords>;
}

/** A service of streams. */
export interface StreamService {
  kind: "kinesis" | "dynamodb";
  /** What AWS calls the members about a batch in records for destinations: `KinesisBatchInfo`. */
  batchInfo: string;
  /** Member of a pattern that is compared with JSON in a text; absent where all is JSON anyway. */
  data: string | undefined;
  /** ms between reads of a shard in which nothing new was found. */
  pollMs: number;
  /** ms between reads that find something: services allow so many a second. */
  gapMs: number;
  /** Records of one read at most. */
  maxRead: number;
  /** `roleArn`: of the function that gets the records. */
  open(streamArn: string, roleArn: string): StreamReader;
}

export interface ClosableStreamService extends StreamService {
  close(): void;
}
