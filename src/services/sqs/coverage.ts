/** The members of SQS's inputs that are not honoured, by operation; the others are. */
import { ignored, partly, type CoverageTable, type Exceptions } from "../coverage.ts";

const attributes: Exceptions = {
  Attributes: partly(
    "Policy decides where there is authentication; KmsMasterKeyId, KmsDataKeyReusePeriodSeconds and FifoThroughputLimit are kept",
  ),
};

export const sqsCoverage: CoverageTable = {
  AddPermission: {},
  CancelMessageMoveTask: {},
  ChangeMessageVisibilityBatch: {},
  ChangeMessageVisibility: {},
  CreateQueue: attributes,
  DeleteMessageBatch: {},
  DeleteMessage: {},
  DeleteQueue: {},
  GetQueueAttributes: {},
  GetQueueUrl: {},
  ListDeadLetterSourceQueues: {},
  ListMessageMoveTasks: {},
  ListQueueTags: {},
  ListQueues: {},
  PurgeQueue: {},
  ReceiveMessage: { ReceiveRequestAttemptId: ignored("a repeated request receives what is receivable then") },
  RemovePermission: {},
  SendMessageBatch: {},
  SendMessage: {},
  SetQueueAttributes: attributes,
  StartMessageMoveTask: {},
  TagQueue: {},
  UntagQueue: {},
};
