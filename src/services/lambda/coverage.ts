/**
 * The members of the Lambda API's inputs that are not honoured, by operation. Every operation that is built has an
 * entry, in the order of names; members that it does not list are honoured.
 */
import { ignored, kept, partly, refused, type CoverageTable, type Exceptions } from "../coverage.ts";
import type { lambdaOperations } from "./operations.ts";

const noCapacityProviders = refused("functions run on demand only");
const noDurableExecution = refused("there is no durable execution");
const numbersOnly = refused("versions are published under numbers only");

const copiesOnly = partly("REFERENCE is refused: code is copied when it is uploaded");

const settings: Exceptions = {
  CapacityProviderConfig: noCapacityProviders,
  DeadLetterConfig: partly("topics are reached where KILN_SNS_ENDPOINT names a server"),
  DurableConfig: noDurableExecution,
  FileSystemConfigs: kept(
    "where no file systems are configured (docs/file-systems.md): nothing is mounted then. S3FilesConfig never has an effect",
  ),
  SnapStart: kept(
    "where the level of isolation has no snapshots (docs/snapstart.md): OptimizationStatus is Off then, and no hooks run. In microVMs published versions are restored, but not those with extensions; container images, which AWS takes, are refused",
  ),
  TracingConfig: kept("no traces are recorded yet"),
  VpcConfig: kept(
    "where no networks are configured (docs/network.md): functions reach what they would reach without, and VpcId is derived from the first subnet. Ipv6AllowedForDualStack never has an effect: there is no IPv6",
  ),
};

const notPolled = kept("only queues, Kinesis and DynamoDB streams are polled yet");

/** Everything about how a source is read. */
const reading: Exceptions = {
  AmazonManagedKafkaEventSourceConfig: notPolled,
  DestinationConfig: partly("topics and buckets are told where a server of them is configured"),
  DocumentDBEventSourceConfig: notPolled,
  KMSKeyArn: kept("filters are not encrypted with keys of the caller's"),
  LoggingConfig: notPolled,
  ProvisionedPollerConfig: partly("sources of Kafka are not polled"),
  SelfManagedKafkaEventSourceConfig: notPolled,
  SourceAccessConfigurations: notPolled,
};

const noOrganizations = kept("there are no organizations: such a statement gives access to nobody");
const asynchronous: Exceptions = {
  DestinationConfig: partly("topics, buses and buckets get records where a server of them is configured"),
};
const signing: Exceptions = {
  AllowedPublishers: kept("signatures are not checked: Enforce refuses all code, Warn lets all code pass"),
};

export const lambdaCoverage = {
  AddLayerVersionPermission: {
    OrganizationId: noOrganizations,
  },
  AddPermission: {
    EventSourceToken: kept("no caller comes with such a token: such a statement gives access to nobody"),
    PrincipalOrgID: noOrganizations,
  },
  CreateAlias: {},
  CreateCodeSigningConfig: signing,
  CreateEventSourceMapping: {
    ...reading,
    EventSourceArn: partly(
      "queues of Kiln's SQS are polled, other queues, Kinesis and DynamoDB streams where a server of them is configured; mappings of other sources are kept, and rest",
    ),
    Queues: notPolled,
    SelfManagedEventSource: notPolled,
    Topics: notPolled,
  },
  CreateFunction: {
    ...settings,
    "Code.S3ObjectStorageMode": copiesOnly,
    CodeSigningConfigArn: partly("signatures are not checked: with a policy that enforces them all code is refused"),
    PublishTo: numbersOnly,
  },
  CreateFunctionUrlConfig: {},
  DeleteAlias: {},
  DeleteCodeSigningConfig: {},
  DeleteEventSourceMapping: {},
  DeleteFunction: {},
  DeleteFunctionCodeSigningConfig: {},
  DeleteFunctionConcurrency: {},
  DeleteFunctionEventInvokeConfig: {},
  DeleteFunctionUrlConfig: {},
  DeleteLayerVersion: {},
  DeleteProvisionedConcurrencyConfig: {},
  DeleteResourcePolicy: {},
  GetAccountSettings: {},
  GetAlias: {},
  GetCodeSigningConfig: {},
  GetEventSourceMapping: {},
  GetFunction: {},
  GetFunctionCodeSigningConfig: {},
  GetFunctionConcurrency: {},
  GetProvisionedConcurrencyConfig: {},
  GetFunctionConfiguration: {},
  GetFunctionEventInvokeConfig: {},
  GetFunctionRecursionConfig: {},
  GetFunctionUrlConfig: {},
  GetLayerVersion: {},
  GetLayerVersionByArn: {},
  GetLayerVersionPolicy: {},
  GetPolicy: {},
  GetResourcePolicy: {},
  GetRuntimeManagementConfig: {},
  Invoke: {
    DurableExecutionName: noDurableExecution,
  },
  InvokeAsync: {},
  InvokeWithResponseStream: {},
  ListAliases: {},
  ListCodeSigningConfigs: {},
  ListEventSourceMappings: {},
  ListFunctionEventInvokeConfigs: {},
  ListFunctionUrlConfigs: {},
  ListFunctions: {
    MasterRegion: ignored("there are no replicas of functions"),
  },
  ListFunctionsByCodeSigningConfig: {},
  ListLayerVersions: {},
  ListLayers: {},
  ListTags: {},
  ListVersionsByFunction: {},
  PublishLayerVersion: { "Content.S3ObjectStorageMode": copiesOnly },
  PublishVersion: { PublishTo: numbersOnly },
  ListProvisionedConcurrencyConfigs: {},
  PutProvisionedConcurrencyConfig: {},
  PutFunctionCodeSigningConfig: {},
  PutFunctionConcurrency: {},
  PutFunctionEventInvokeConfig: asynchronous,
  PutFunctionRecursionConfig: {},
  PutResourcePolicy: {},
  PutRuntimeManagementConfig: {
    RuntimeVersionArn: partly("only the version that is on this host can be held fast"),
    UpdateRuntimeOn: kept("functions run on the version that is on this host"),
  },
  RemoveLayerVersionPermission: {},
  RemovePermission: {},
  TagResource: {},
  UntagResource: {},
  UpdateAlias: {},
  UpdateCodeSigningConfig: signing,
  UpdateEventSourceMapping: reading,
  UpdateFunctionCode: {
    PublishTo: numbersOnly,
    S3ObjectStorageMode: copiesOnly,
  },
  UpdateFunctionConfiguration: settings,
  UpdateFunctionEventInvokeConfig: asynchronous,
  UpdateFunctionUrlConfig: {},
} satisfies Record<keyof typeof lambdaOperations, Exceptions> & CoverageTable;
