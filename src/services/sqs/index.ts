/** SQS: queues of Kiln's own, in AWS's API (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/). */
import * as client from "@aws-sdk/client-sqs";
import type { Queues } from "../../queues/contract.ts";
import type { Operation, ServiceDefinition } from "../../wire/contract.ts";
import { addPermission } from "./add-permission.ts";
import { cancelMessageMoveTask } from "./cancel-message-move-task.ts";
import { changeMessageVisibilityBatch } from "./change-message-visibility-batch.ts";
import { changeMessageVisibility } from "./change-message-visibility.ts";
import { createQueue } from "./create-queue.ts";
import { deleteMessageBatch } from "./delete-message-batch.ts";
import { deleteMessage } from "./delete-message.ts";
import { deleteQueue } from "./delete-queue.ts";
import { getQueueAttributes } from "./get-queue-attributes.ts";
import { getQueueUrl } from "./get-queue-url.ts";
import { listDeadLetterSourceQueues } from "./list-dead-letter-source-queues.ts";
import { listMessageMoveTasks } from "./list-message-move-tasks.ts";
import { listQueueTags } from "./list-queue-tags.ts";
import { listQueues } from "./list-queues.ts";
import { sqsQuery } from "./query.ts";
import { purgeQueue } from "./purge-queue.ts";
import { receiveMessage } from "./receive-message.ts";
import { removePermission } from "./remove-permission.ts";
import { sendMessageBatch } from "./send-message-batch.ts";
import { sendMessage } from "./send-message.ts";
import { setQueueAttributes } from "./set-queue-attributes.ts";
import { startMessageMoveTask } from "./start-message-move-task.ts";
import { tagQueue } from "./tag-queue.ts";
import { untagQueue } from "./untag-queue.ts";

export const sqsOperations = {
  AddPermission: addPermission,
  CancelMessageMoveTask: cancelMessageMoveTask,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  ChangeMessageVisibility: changeMessageVisibility,
  CreateQueue: createQueue,
  DeleteMessageBatch: deleteMessageBatch,
  DeleteMessage: deleteMessage,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
  ListMessageMoveTasks: listMessageMoveTasks,
  ListQueueTags: listQueueTags,
  ListQueues: listQueues,
  PurgeQueue: purgeQueue,
  ReceiveMessage: receiveMessage,
  RemovePermission: removePermission,
  SendMessageBatch: sendMessageBatch,
  SendMessage: sendMessage,
  SetQueueAttributes: setQueueAttributes,
  StartMessageMoveTask: startMessageMoveTask,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
};

/** First element of an operation's schema in the SDK's clients. */
const OPERATION = 9;

/** `constraints`: the wire's table for the service `sqs`. */
export function sqsService({ queues, constraints = {} }: { queues: Queues; constraints?: unknown }): ServiceDefinition {
  return {
    name: "sqs",
    protocol: "aws-json",
    target: "AmazonSQS",
    query: sqsQuery,
    queryCodes: {
      InvalidParameterValueException: "InvalidParameterValue",
      MissingRequiredParameterException: "MissingParameter",
    },
    schemas: Object.values(client).filter((value) => Array.isArray(value) && value[0] === OPERATION),
    operations: Object.fromEntries(
      Object.entries(sqsOperations).map(([name, create]) => [name, create(queues) as Operation]),
    ),
    constraints,
  };
}
