/** Mistakes in event source mappings, and what AWS says to them. Function `f` exists, and a mapping of the queue `taken`. */
import {
  CreateEventSourceMappingCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  type CreateEventSourceMappingRequest,
  type EventSourcePosition,
  type LambdaClient,
  type UpdateEventSourceMappingRequest,
} from "@aws-sdk/client-lambda";
import { arn } from "../support.ts";
import { conflict, invalid, missing as notThere, violated, type Case, type Expected } from "./case.ts";

export const source = {
  queue: "arn:aws:sqs:us-east-1:123456789012:queue",
  taken: "arn:aws:sqs:us-east-1:123456789012:taken",
  fifo: "arn:aws:sqs:us-east-1:123456789012:queue.fifo",
  stream: "arn:aws:kinesis:us-east-1:123456789012:stream/s",
  consumer: "arn:aws:kinesis:us-east-1:123456789012:stream/s/consumer/c:1571166780",
  table: "arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026-01-01T00:00:00.000",
  cluster: "arn:aws:kafka:us-east-1:123456789012:cluster/c/fc2f5bdf-fd1b-45ad-85dd-15b4a5a6247e-2",
  broker: "arn:aws:mq:us-east-1:123456789012:broker:b:b-b4d492ef-bdc3-45e3-a781-cd1a3102ecca",
  documents: "arn:aws:rds:us-east-1:123456789012:cluster:docs",
};
export const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:s-abcdef";
export const access = [{ Type: "BASIC_AUTH" as const, URI: secret }];
export const kafka = (...servers: string[]) => ({ Endpoints: { KAFKA_BOOTSTRAP_SERVERS: servers } });

interface MappingCase {
  title: string;
  input: Partial<CreateEventSourceMappingRequest>;
  code?: string;
  message: string | RegExp;
}

const unsupported = (member: string) => `Unsupported ${member} parameter for given event source mapping type.`;
const missing = (member: string) => `Required '${member}' parameter is missing.`;
const noPosition =
  "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.";
const window = "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10";
const LATEST: EventSourcePosition = "LATEST";
const stream = { EventSourceArn: source.stream, StartingPosition: LATEST };
const self = { SelfManagedEventSource: kafka("k:9092"), SourceAccessConfigurations: access, Topics: ["topic"] };
const broker = { EventSourceArn: source.broker, SourceAccessConfigurations: access, Queues: ["q"] };
const queue = { EventSourceArn: source.queue };

const createCases: MappingCase[] = [
  { title: "no source", input: {}, message: "Unrecognized event source." },
  { title: "unknown source", input: { EventSourceArn: "arn:aws:s3:::bucket" }, message: "Unrecognized event source." },
  {
    title: "a table without its stream",
    input: { EventSourceArn: "arn:aws:dynamodb:us-east-1:123456789012:table/t" },
    message: "Unrecognized event source.",
  },
  { title: "unknown function", input: { ...queue, FunctionName: "g" }, message: "Function does not exist" },
  { title: "unknown version", input: { ...queue, FunctionName: "f:7" }, message: "Function does not exist" },
  {
    title: "success destination",
    input: { ...queue, FunctionName: "g", DestinationConfig: { OnSuccess: { Destination: source.fifo } } },
    message: unsupported("DestinationConfig"),
  },
  {
    title: "success destination of a stream",
    input: { ...stream, DestinationConfig: { OnSuccess: { Destination: source.fifo } } },
    message: unsupported("DestinationConfig"),
  },
  {
    title: "position in a queue",
    input: { ...queue, StartingPosition: LATEST },
    message: "StartingPosition is not valid for SQS event sources.",
  },
  { title: "no position in a stream", input: { EventSourceArn: source.stream }, message: noPosition },
  { title: "no position in a table", input: { EventSourceArn: source.table }, message: noPosition },
  {
    title: "no position in a database",
    input: {
      EventSourceArn: source.documents,
      SourceAccessConfigurations: access,
      DocumentDBEventSourceConfig: { DatabaseName: "d" },
    },
    message: noPosition,
  },
  {
    title: "invalid position",
    input: { ...stream, StartingPosition: "invalid" as "LATEST" },
    code: "ValidationException",
    message:
      "1 validation error detected: Value 'invalid' at 'startingPosition' failed to satisfy constraint: Member must satisfy enum value set: [LATEST, AT_TIMESTAMP, TRIM_HORIZON]",
  },
  {
    title: "moment in a table",
    input: { EventSourceArn: source.table, StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: new Date(0) },
    message: `Unsupported starting position for arn type: ${source.table}`,
  },
  {
    title: "no moment",
    input: { ...stream, StartingPosition: "AT_TIMESTAMP" },
    message: "Need to specify a timestamp",
  },
  {
    title: "moment to come",
    input: { ...stream, StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: new Date("2200-01-01") },
    message: /cannot be in the future/,
  },
  { title: "batch without a window", input: { ...queue, BatchSize: 11 }, message: window },
  {
    title: "window of a FIFO queue",
    input: { EventSourceArn: source.fifo, MaximumBatchingWindowInSeconds: 1 },
    message: "Batching window is not supported for FIFO queues",
  },
  {
    title: "batch of a FIFO queue",
    input: { EventSourceArn: source.fifo, BatchSize: 11 },
    message: "Maximum batch size must be between 1 and 10 inclusive",
  },
  {
    title: "batch too large",
    input: { ...stream, BatchSize: 10_001 },
    code: "ValidationException",
    message:
      /Value '10001' at 'batchSize' failed to satisfy constraint: Member must have value less than or equal to 10000/,
  },
  {
    title: "record age",
    input: { ...stream, MaximumRecordAgeInSeconds: 59 },
    message: "MaximumRecordAgeInSeconds must be either -1 (forever) or between 60 and 604800 (inclusive)",
  },
  {
    title: "filter",
    input: { ...queue, FilterCriteria: { Filters: [{ Pattern: '{"eventSource": "aws:sqs"}' }] } },
    message: "Invalid filter pattern definition.",
  },
  {
    title: "tumbling and parallel",
    input: { ...stream, TumblingWindowInSeconds: 30, ParallelizationFactor: 2 },
    message: /ParallelizationFactor must be 1/,
  },
  {
    title: "parallel queue",
    input: { ...queue, ParallelizationFactor: 2 },
    message: unsupported("'parallelizationFactor'"),
  },
  {
    title: "scaled stream",
    input: { ...stream, ScalingConfig: { MaximumConcurrency: 2 } },
    message: unsupported("'scalingConfig'"),
  },
  {
    title: "scaled too little",
    input: { ...queue, ScalingConfig: { MaximumConcurrency: 1 } },
    code: "ValidationException",
    message: /Value '1' at 'scalingConfig.maximumConcurrency'/,
  },
  {
    title: "too few pollers",
    input: { ...queue, ProvisionedPollerConfig: { MinimumPollers: 1 } },
    code: "ValidationException",
    message:
      /Value '1' at 'provisionedPollerConfig.minimumPollers' failed to satisfy constraint: Member must have value greater than or equal to 2/,
  },
  {
    title: "too many pollers",
    input: { ...self, ProvisionedPollerConfig: { MaximumPollers: 2001 } },
    code: "ValidationException",
    message: /less than or equal to 2000/,
  },
  {
    title: "pollers upside down",
    input: { ...self, ProvisionedPollerConfig: { MinimumPollers: 5, MaximumPollers: 4 } },
    message: /MinimumPollers cannot be greater/,
  },
  {
    title: "pollers and scaling",
    input: { ...queue, ProvisionedPollerConfig: { MinimumPollers: 2 }, ScalingConfig: { MaximumConcurrency: 2 } },
    message: /cannot be used together/,
  },
  {
    title: "poller group of a queue",
    input: { ...queue, ProvisionedPollerConfig: { PollerGroupName: "g" } },
    message: unsupported("'provisionedPollerConfig.pollerGroupName'"),
  },
  {
    title: "pollers of a stream",
    input: { ...stream, ProvisionedPollerConfig: { MinimumPollers: 2 } },
    message: unsupported("'provisionedPollerConfig'"),
  },
  {
    title: "metrics of Kafka",
    input: { ...queue, MetricsConfig: { Metrics: ["ErrorCount"] } },
    message: unsupported("'metricsConfig.metrics'"),
  },
  {
    title: "self-managed without access",
    input: { ...self, SourceAccessConfigurations: undefined },
    message: missing("sourceAccessConfigurations"),
  },
  { title: "self-managed without a topic", input: { ...self, Topics: undefined }, message: missing("topics") },
  {
    title: "self-managed and managed",
    input: { ...self, EventSourceArn: source.cluster },
    message: unsupported("'eventSourceArn'"),
  },
  { title: "cluster without a topic", input: { EventSourceArn: source.cluster }, message: missing("topics") },
  {
    title: "position in a share group",
    input: { ...self, StartingPosition: LATEST, SelfManagedKafkaEventSourceConfig: { ConsumptionMode: "Queue" } },
    message: unsupported("'startingPosition'"),
  },
  {
    title: "schema registry on demand",
    input: { ...self, SelfManagedKafkaEventSourceConfig: { SchemaRegistryConfig: { SchemaRegistryURI: "https://r" } } },
    message: /only available in provisioned mode/,
  },
  {
    title: "broker without access",
    input: { ...broker, SourceAccessConfigurations: undefined },
    message: missing("sourceAccessConfigurations"),
  },
  { title: "broker without a queue", input: { ...broker, Queues: undefined }, message: missing("queues") },
  {
    title: "broker with another way in",
    input: { ...broker, SourceAccessConfigurations: [{ Type: "SASL_SCRAM_512_AUTH", URI: secret }] },
    message: /SASL_SCRAM_512_AUTH is not valid/,
  },
  {
    title: "destination of a broker",
    input: { ...broker, DestinationConfig: { OnFailure: { Destination: source.queue } } },
    message: unsupported("DestinationConfig"),
  },
  {
    title: "database without a name",
    input: {
      EventSourceArn: source.documents,
      StartingPosition: LATEST,
      SourceAccessConfigurations: access,
      DocumentDBEventSourceConfig: {},
    },
    message: missing("documentDBEventSourceConfig.databaseName"),
  },
  {
    title: "too many tags",
    input: { ...queue, Tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, "v"])) },
    message: "Number of tags exceeds resource tag limit.",
  },
  {
    title: "the same queue again",
    input: { EventSourceArn: source.taken },
    code: "ResourceConflictException",
    message:
      /^An event source mapping with SQS arn \(" arn:aws:sqs:us-east-1:123456789012:taken "\) and function \(" f "\) already exists\. Please update or delete the existing mapping with UUID [0-9a-f-]{36}$/,
  },
  {
    title: "function of another region",
    input: { ...queue, FunctionName: arn("f").replace("us-east-1", "eu-west-1") },
    code: "ResourceNotFoundException",
    message: /are not reachable in this region/,
  },
];

/** Changes of the mapping of `taken`. */
const updateCases: {
  title: string;
  input: Partial<UpdateEventSourceMappingRequest>;
  message: string;
  code?: string;
}[] = [
  {
    title: "unknown",
    input: { UUID: "00000000-0000-4000-8000-000000000000" },
    code: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  },
  {
    title: "no UUID",
    input: { UUID: "x".repeat(36) },
    code: "ResourceNotFoundException",
    message: "The resource you requested does not exist.",
  },
  { title: "unknown function", input: { FunctionName: "g" }, message: "Function does not exist" },
  { title: "batch without a window", input: { BatchSize: 1000 }, message: window },
  {
    title: "filter",
    input: { FilterCriteria: { Filters: [{ Pattern: "x" }] } },
    message: "Invalid filter pattern definition.",
  },
  { title: "retries of a queue", input: { MaximumRetryAttempts: 1 }, message: unsupported("'maximumRetryAttempts'") },
];

function refusal({ code, message }: { code?: string; message: string | RegExp }): Expected {
  const kind = [violated, notThere, conflict].find((each) => each.code === code) ?? invalid;
  return { ...kind, message };
}

async function idOfTaken(client: LambdaClient): Promise<string | undefined> {
  const filter = new ListEventSourceMappingsCommand({ EventSourceArn: source.taken });
  return (await client.send(filter)).EventSourceMappings?.[0]?.UUID;
}

const unknown = { UUID: "00000000-0000-4000-8000-000000000000" };
const gone = { ...notThere, message: "The resource you requested does not exist." };

export const mappingRefusals: Case[] = [
  ...createCases.map((each): Case => ({
    title: `CreateEventSourceMapping: ${each.title}`,
    send: ({ client }) => client.send(new CreateEventSourceMappingCommand({ FunctionName: "f", ...each.input })),
    ...refusal(each),
  })),
  ...updateCases.map((each): Case => ({
    title: `UpdateEventSourceMapping: ${each.title}`,
    send: async ({ client }) =>
      client.send(new UpdateEventSourceMappingCommand({ UUID: await idOfTaken(client), ...each.input })),
    ...refusal(each),
  })),
  {
    title: "GetEventSourceMapping: unknown",
    send: ({ client }) => client.send(new GetEventSourceMappingCommand(unknown)),
    ...gone,
  },
  {
    title: "DeleteEventSourceMapping: unknown",
    send: ({ client }) => client.send(new DeleteEventSourceMappingCommand(unknown)),
    ...gone,
  },
  {
    title: "ListEventSourceMappings: marker",
    send: ({ client }) => client.send(new ListEventSourceMappingsCommand({ Marker: "x" })),
    ...invalid,
    message: /^Invalid Marker: /,
  },
  {
    title: "ListEventSourceMappings: function of another region",
    send: ({ client }) =>
      client.send(new ListEventSourceMappingsCommand({ FunctionName: arn("f").replace("us-east-1", "eu-west-1") })),
    ...notThere,
    message: /are not reachable in this region/,
  },
];
