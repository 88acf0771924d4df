/**
 * What CloudTrail calls an operation, and which kind of event it is.
 * https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/logging-using-cloudtrail.html
 */
export interface EventKind {
  readonly eventSource: string;
  readonly eventName: string;
  readonly data: boolean;
  readonly readOnly: boolean;
}

/** Lambda's older operations carry the version of the API that brought them. */
const versions: Readonly<Record<string, readonly string[]>> = {
  "20150331": [
    "CreateAlias",
    "CreateEventSourceMapping",
    "CreateFunction",
    "DeleteAlias",
    "DeleteEventSourceMapping",
    "DeleteFunction",
    "GetAlias",
    "GetEventSourceMapping",
    "ListAliases",
    "ListEventSourceMappings",
    "ListFunctions",
    "ListVersionsByFunction",
    "PublishVersion",
    "UpdateAlias",
    "UpdateEventSourceMapping",
  ],
  "20150331v2": [
    "AddPermission",
    "GetFunction",
    "GetFunctionConfiguration",
    "GetPolicy",
    "RemovePermission",
    "UpdateFunctionCode",
    "UpdateFunctionConfiguration",
  ],
  "20160819": ["GetAccountSettings"],
  "20170331": ["ListTags"],
  "20170331v2": ["TagResource", "UntagResource"],
  "20171031": ["DeleteFunctionConcurrency", "PutFunctionConcurrency"],
  "20181031": [
    "AddLayerVersionPermission",
    "DeleteLayerVersion",
    "GetLayerVersion",
    "GetLayerVersionByArn",
    "GetLayerVersionPolicy",
    "ListLayerVersions",
    "ListLayers",
    "PublishLayerVersion",
    "RemoveLayerVersionPermission",
  ],
};

const versioned = new Map(
  Object.entries(versions).flatMap(([version, names]) => names.map((name): [string, string] => [name, name + version])),
);

/** Operations of the data plane. Everything else is management. */
const dataEvents: Readonly<Record<string, ReadonlySet<string>>> = {
  lambda: new Set(["Invoke", "InvokeAsync", "InvokeFunctionUrl", "InvokeWithResponseStream"]),
  sqs: new Set([
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
    "DeleteMessage",
    "DeleteMessageBatch",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "ListMessageMoveTasks",
    "ListQueueTags",
    "ListQueues",
    "ReceiveMessage",
    "SendMessage",
    "SendMessageBatch",
  ]),
};

const reads = /^(?:Get|List|Describe|Lookup|Filter|Search|Head|Simulate|Test|Generate(?!ServiceLastAccessed))/;
/** Where the name does not tell. */
const readOnlyToo: Readonly<Record<string, RegExp>> = {
  sts: /./,
  kms: /^(?:Encrypt|Decrypt|ReEncrypt|Sign|Verify|GenerateMac|VerifyMac|DeriveSharedSecret)$/,
  // A message that was received is hidden from others.
  sqs: /^ReceiveMessage$/,
};

export function eventKind(service: string, operation: string): EventKind {
  return {
    eventSource: `${service}.amazonaws.com`,
    eventName: service === "lambda" ? (versioned.get(operation) ?? operation) : operation,
    data: isDataEvent(service, operation),
    readOnly: reads.test(operation) || readOnlyToo[service]?.test(operation) === true,
  };
}

export function isDataEvent(service: string, operation: string | undefined): boolean {
  return operation !== undefined && dataEvents[service]?.has(operation) === true;
}
