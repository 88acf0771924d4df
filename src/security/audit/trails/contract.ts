/** Trails: where records go beside the log, as files in a bucket. */
export interface EventSelector {
  readonly readWriteType: "All" | "ReadOnly" | "WriteOnly";
  readonly includeManagementEvents: boolean;
  /** `AWS::Lambda::Function`, `AWS::SQS::Queue`; values are prefixes of ARNs. */
  readonly dataResources: readonly { readonly type: string; readonly values: readonly string[] }[];
  readonly excludeManagementEventSources: readonly string[];
}

export interface Trail {
  readonly name: string;
  readonly account: string;
  /** Its home. */
  readonly region: string;
  readonly bucket: string;
  /** Without a slash at its end; empty: none. */
  readonly prefix: string;
  /** Events of every region. */
  readonly multiRegion: boolean;
  /** Events of services without a region, such as IAM and STS. */
  readonly globalEvents: boolean;
  /** Digest files are written. */
  readonly validated: boolean;
  readonly selectors: readonly EventSelector[];
  readonly logging: boolean;
  /** Of its first record: the log's number when it was made to log. */
  readonly from: number;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly stoppedAt?: number;
}

/** What became of the last attempts. Forgotten when Kiln ends. Times in ms since the epoch. */
export interface TrailStatus {
  readonly deliveredAt?: number;
  readonly attemptedAt?: number;
  readonly error?: string;
  readonly digestedAt?: number;
  readonly digestError?: string;
}

export interface Trails {
  get(account: string, region: string, name: string): Promise<Trail | undefined>;
  list(account: string): Promise<Trail[]>;
  /** False when there is one of that name. */
  create(trail: Trail): Promise<boolean>;
  /** Undefined when there is none. */
  change(account: string, region: string, name: string, change: (trail: Trail) => Trail): Promise<Trail | undefined>;
  remove(trail: Trail): Promise<void>;
  status(trail: Trail): TrailStatus;
  /** The number that the next record gets. */
  next(): number;
  readonly recordsDataEvents: boolean;
  /** The key of the digest files' signatures, as CloudTrail gives it. */
  readonly publicKey: { readonly der: Uint8Array; readonly fingerprint: string; readonly since: number };
}

/** Metadata has names in lower case. */
export interface Bucket {
  /** The whole object or none of it; `metadata` goes with it. */
  put(bucket: string, key: string, bytes: Uint8Array, metadata: Readonly<Record<string, string>>): Promise<void>;
  /** Undefined when there is no such object. Rejects for one that is larger than any that a trail writes. */
  get(bucket: string, key: string): Promise<BucketObject | undefined>;
  /** The keys of all objects, in any order; none where there is no such bucket. */
  list(bucket: string): AsyncIterable<string>;
  /** For people: a path, or `s3://…`. */
  nameOf(bucket: string, key: string): string;
}

export interface BucketObject {
  readonly bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}
