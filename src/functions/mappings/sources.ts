/**
 * What each kind of event source allows: one line of the table per kind.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html and the parameter pages of each
 * source in the developer guide, for instance https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html
 */
import type { EventSourcePosition, SourceAccessType } from "@aws-sdk/client-lambda";
import type { MappingSettings, SourceKind } from "./contract.ts";

type Member = keyof MappingSettings;

export interface SourceRules {
  /** Members beyond those that every source has. */
  members: ReadonlySet<Member>;
  /** Members that must have content. */
  required: readonly Member[];
  /** What a new mapping has where the request says nothing. */
  defaults: MappingSettings;
  /** Empty: the source has no position. */
  positions: readonly EventSourcePosition[];
  /** Absent: the caller has to choose. */
  defaultPosition?: EventSourcePosition;
  accessTypes: readonly SourceAccessType[];
  /** Pollers of provisioned mode; absent where there is none. */
  pollers?: { minimum: { min: number; max: number }; maximum: { min: number; max: number } };
  /** How AWS words that a state is the caller's own doing. */
  ownDoing: "USER_INITIATED" | "User action";
}

/** Members of every source. */
const everywhere: readonly Member[] = ["BatchSize", "FilterCriteria", "KMSKeyArn", "MaximumBatchingWindowInSeconds"];

const stream: readonly Member[] = [
  "EventSourceArn",
  "StartingPosition",
  "StartingPositionTimestamp",
  "DestinationConfig",
  "MaximumRecordAgeInSeconds",
  "BisectBatchOnFunctionError",
  "MaximumRetryAttempts",
  "FunctionResponseTypes",
  "MetricsConfig",
];
const shards: readonly Member[] = [...stream, "ParallelizationFactor", "TumblingWindowInSeconds"];
const kafka: readonly Member[] = [
  ...stream,
  "Topics",
  "SourceAccessConfigurations",
  "ProvisionedPollerConfig",
  "LoggingConfig",
];
const selfManaged: readonly Member[] = [
  ...kafka.filter((member) => member !== "EventSourceArn"),
  "SelfManagedEventSource",
  "SelfManagedKafkaEventSourceConfig",
];

/** What AWS answers for a Kinesis or DynamoDB stream of which nothing else is said. */
const shardDefaults: MappingSettings = {
  BatchSize: 100,
  MaximumBatchingWindowInSeconds: 0,
  ParallelizationFactor: 1,
  DestinationConfig: { OnFailure: {} },
  MaximumRecordAgeInSeconds: -1,
  BisectBatchOnFunctionError: false,
  MaximumRetryAttempts: -1,
  TumblingWindowInSeconds: 0,
  FunctionResponseTypes: [],
};

const anyPosition: readonly EventSourcePosition[] = ["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"];
const kafkaPollers = { minimum: { min: 1, max: 200 }, maximum: { min: 1, max: 2000 } };

export const sources: Readonly<Record<SourceKind, SourceRules>> = {
  sqs: {
    members: new Set([
      ...everywhere,
      "EventSourceArn",
      "FunctionResponseTypes",
      "MetricsConfig",
      "ScalingConfig",
      "ProvisionedPollerConfig",
    ]),
    required: [],
    defaults: { BatchSize: 10, MaximumBatchingWindowInSeconds: 0, FunctionResponseTypes: [] },
    positions: [],
    accessTypes: [],
    pollers: { minimum: { min: 2, max: 200 }, maximum: { min: 2, max: 10_000 } },
    ownDoing: "USER_INITIATED",
  },
  kinesis: {
    members: new Set([...everywhere, ...shards]),
    required: [],
    defaults: shardDefaults,
    positions: anyPosition,
    accessTypes: [],
    ownDoing: "User action",
  },
  dynamodb: {
    members: new Set([...everywhere, ...shards]),
    required: [],
    defaults: shardDefaults,
    positions: ["TRIM_HORIZON", "LATEST"],
    accessTypes: [],
    ownDoing: "User action",
  },
  "managed-kafka": {
    members: new Set([...everywhere, ...kafka, "AmazonManagedKafkaEventSourceConfig"]),
    required: ["Topics"],
    defaults: { BatchSize: 100 },
    positions: anyPosition,
    defaultPosition: "TRIM_HORIZON",
    accessTypes: ["SASL_SCRAM_512_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"],
    pollers: kafkaPollers,
    ownDoing: "USER_INITIATED",
  },
  "self-managed-kafka": {
    members: new Set([...everywhere, ...selfManaged]),
    required: ["SourceAccessConfigurations", "Topics"],
    defaults: { BatchSize: 100 },
    positions: anyPosition,
    defaultPosition: "TRIM_HORIZON",
    accessTypes: [
      "BASIC_AUTH",
      "VPC_SUBNET",
      "VPC_SECURITY_GROUP",
      "SASL_SCRAM_256_AUTH",
      "SASL_SCRAM_512_AUTH",
      "CLIENT_CERTIFICATE_TLS_AUTH",
      "SERVER_ROOT_CA_CERTIFICATE",
      "OAUTHBEARER_AUTH",
      "OAUTHBEARER_SCOPE",
      "OAUTHBEARER_AUDIENCE",
      "OAUTHBEARER_LOGICAL_CLUSTER",
      "OAUTHBEARER_IDENTITY_POOL",
      "IAM_AUTH",
      "IAM_OAUTHBEARER_AUTH",
    ],
    pollers: kafkaPollers,
    ownDoing: "USER_INITIATED",
  },
  mq: {
    members: new Set([...everywhere, "EventSourceArn", "Queues", "SourceAccessConfigurations"]),
    required: ["SourceAccessConfigurations", "Queues"],
    defaults: { BatchSize: 100 },
    positions: [],
    accessTypes: ["BASIC_AUTH", "VIRTUAL_HOST"],
    ownDoing: "USER_INITIATED",
  },
  documentdb: {
    members: new Set([
      ...everywhere,
      "EventSourceArn",
      "StartingPosition",
      "StartingPositionTimestamp",
      "SourceAccessConfigurations",
      "DocumentDBEventSourceConfig",
    ]),
    required: ["SourceAccessConfigurations", "DocumentDBEventSourceConfig"],
    defaults: { BatchSize: 100, MaximumBatchingWindowInSeconds: 0 },
    positions: anyPosition,
    accessTypes: ["BASIC_AUTH"],
    ownDoing: "User action",
  },
};

/** ARNs that each source is known by. */
const arns: readonly (readonly [kind: SourceKind, resource: RegExp])[] = [
  ["sqs", /^arn:[^:]+:sqs:[^:]+:\d{12}:[a-zA-Z0-9_-]{1,80}(?:\.fifo)?$/],
  ["kinesis", /^arn:[^:]+:kinesis:[^:]+:\d{12}:stream\/[a-zA-Z0-9_.-]+(?:\/consumer\/[a-zA-Z0-9_.-]+:\d+)?$/],
  ["dynamodb", /^arn:[^:]+:dynamodb:[^:]+:\d{12}:table\/[a-zA-Z0-9_.-]+\/stream\/.+$/],
  ["managed-kafka", /^arn:[^:]+:kafka:[^:]+:\d{12}:(?:cluster|vpc-connection)\/.+$/],
  ["mq", /^arn:[^:]+:mq:[^:]+:\d{12}:broker:.+$/],
  ["documentdb", /^arn:[^:]+:rds:[^:]+:\d{12}:cluster:.+$/],
];

/** Undefined when it is none of them. */
export function kindOfArn(arn: string): SourceKind | undefined {
  return arns.find(([, pattern]) => pattern.test(arn))?.[0];
}

export function isKafka(kind: SourceKind): boolean {
  return kind === "managed-kafka" || kind === "self-managed-kafka";
}
