/** The members of SQS's inputs that are not honoured, by operation; the others are. */
import { ignored, partly, type CoverageTable, type Exceptions } from "../coverage.ts";

const attributes: Exceptions = {
  Attributes: partly(
    "Policy is kept and not evaluated, KmsMasterKeyId, KmsDataKeyReusePeriodSeconds and FifoThroughputLimit are kept",
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
  GetQueueUrl: { QueueOwnerAWSAccountId: partly("queues of other accounts are not found") },
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
